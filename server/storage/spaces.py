"""Spaces, and who holds which role in them."""

from __future__ import annotations

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
        with self.database.write() as tx:
            if tx.row("SELECT 1 FROM spaces WHERE id = ?", (space,)) is None:
                row = (space, type, name, name_en, branch, 0, GENESIS, generation, None)
                tx.run(tx.table(Space).insert, row)
                change_rights(tx)

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

    def rights_version(self) -> int:
        """Grows whenever somebody's rights may have changed."""
        row = self.database.row("SELECT value FROM counters WHERE name = 'rights'")
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


def change_rights(tx: Database) -> None:
    """Note within a write transaction that rights may have changed."""
    tx.run(
        "INSERT INTO counters (name, value) VALUES ('rights', 1) "
        "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
    )
