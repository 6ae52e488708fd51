"""Spaces, and who holds which role in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from server.storage.database import Database
from server.storage.models import Space
from server.storage.snapshot import epoch
from sync.chain import GENESIS
from sync.ports import Reader


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A space and how far it is. ``type``: headquarters or project; ``branch``: code, of a project."""

    id: str
    type: str
    name: str
    name_en: str | None
    branch: str | None
    head: int
    at: str
    generation: str
    backed_up_seq: int | None


@dataclass(frozen=True, slots=True)
class Contained:
    """How much of a space a dump holds: everything up to ``head``, whose chain hash is ``at``."""

    id: str
    generation: str
    head: int
    at: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A role assignment; days are inclusive."""

    space: str
    person: str
    role: str
    branch: str | None
    starts_on: str
    ends_on: str | None


class Spaces:
    """Queries over spaces and grants."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create(
        self, space: str, type: str, name: str, generation: str, *,
        name_en: str | None = None, branch: str | None = None,
    ) -> None:  # fmt: skip
        """Make a space with nothing in it; one that exists stays as it is. ``generation``: any fresh text."""
        row = (space, type, name, name_en, branch, 0, GENESIS, generation, None)
        with self.database.write(space) as tx:
            if tx.run(f"{tx.table(Space).insert} ON CONFLICT DO NOTHING", row):
                change_rights(tx, space)

    def all(self) -> list[SpaceRow]:
        """Every space, headquarters first."""
        found = self.database.rows(f"{self.database.table(Space).select} ORDER BY type, id")
        return [SpaceRow(*row) for row in found]

    def get(self, space: str) -> SpaceRow | None:
        """One space."""
        row = self.database.row(f"{self.database.table(Space).select} WHERE id = ?", (space,))
        return SpaceRow(*row) if row else None

    def epoch(self, generation: str, reader: Reader) -> str:
        """The epoch of a space of this generation as a reader sees it."""
        return epoch(generation, reader)

    def note_backup(self, contained: Contained) -> bool:
        """Note that a backup is safely kept which holds a space up to a seq: devices then let go of what they
        had acknowledged up to there. Never goes back; ``False``: the space was restored since the dump."""
        with self.database.write(contained.id) as tx:
            kept = tx.run(
                "UPDATE spaces SET backed_up_seq = ? WHERE id = ? AND generation = ? "
                "AND COALESCE(backed_up_seq, 0) <= ?",
                (contained.head, contained.id, contained.generation, contained.head),
            )
        return kept == 1

    def rights_version(self) -> int:
        """Grows whenever somebody's rights may have changed."""
        row = self.database.row(f"SELECT {RIGHTS_VERSION}")
        return int(row[0]) if row else 0

    def grants_of(self, person: str) -> list[Grant]:
        """Every role that a person holds, held or will hold."""
        found = self.database.rows(
            "SELECT space, person, role, branch, starts_on, ends_on FROM grants WHERE person = ?", (person,)
        )
        return [Grant(*row) for row in found]

    def person_name(self, person: str) -> str | None:
        """The name in a person record."""
        row = self.database.row("SELECT data FROM records WHERE id = ? AND kind = 'person'", (person,))
        return str(orjson.loads(row[0]).get("name")) if row else None


def restored_statements(generations: Mapping[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    """What must be true at once of spaces that come from a backup: each has a new generation, by which
    devices see that they must rebuild and send again, and nothing of it is known to be backed up."""
    statement = "UPDATE spaces SET generation = ?, backed_up_seq = NULL WHERE id = ?"
    return [(statement, (generation, space)) for space, generation in sorted(generations.items())]


# Any of these counters may be the one that grows; none ever shrinks, so their sum tells all versions apart.
_RIGHTS = "name >= 'rights' AND name < 'righu'"
RIGHTS_VERSION = f"(SELECT COALESCE(SUM(value), 0) FROM counters WHERE {_RIGHTS})"
"""The version of everybody's rights, as an expression."""


def change_rights(tx: Database, space: str) -> None:
    """Note within a write transaction of a space that rights may have changed.

    One counter is enough on SQLite. Where spaces write at the same time, whoever finds all counters held by
    others begins his own: a single row would make spaces wait for each other.
    """
    free = f"SELECT name FROM counters WHERE {_RIGHTS} LIMIT 1{tx.dialect.lock_free_row()}"
    if not tx.run(f"UPDATE counters SET value = value + 1 WHERE name = ({free})"):
        tx.run(
            "INSERT INTO counters (name, value) VALUES (?, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1",
            (f"rights {space}",),
        )
