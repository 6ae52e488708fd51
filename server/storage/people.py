"""The people of a space as records say: who they are, whose team they are in, who is in charge of whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from server.storage.database import Database

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Staff:
    """Live records of one space: people, teams and posts by id, and the duties."""

    people: dict[str, Data] = field(default_factory=dict)
    teams: dict[str, Data] = field(default_factory=dict)
    posts: dict[str, Data] = field(default_factory=dict)
    scopes: dict[str, Data] = field(default_factory=dict)
    deputies: dict[str, Data] = field(default_factory=dict)


_PLACES = {
    "person": "people", "team": "teams", "post": "posts", "inspector_scope": "scopes",
    "deputy_appointment": "deputies",
}  # fmt: skip


class People:
    """Queries over people."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def staff(self, space: str) -> Staff:
        """Everything at once."""
        found = Staff()
        condition, values = self.database.dialect.among("kind", sorted(_PLACES))
        rows = self.database.rows(
            f"SELECT kind, id, data FROM records WHERE space = ? AND deleted = 0 AND {condition}",
            (space, *values),
        )
        for kind, ident, data in rows:
            getattr(found, _PLACES[kind])[ident] = orjson.loads(data)
        return found

    def works_in(self, space: str, person: str) -> bool:
        """Whether this is somebody of the space who has not left."""
        row = self.database.row(
            "SELECT data FROM records WHERE id = ? AND space = ? AND kind = 'person' AND deleted = 0",
            (person, space),
        )
        return row is not None and bool(orjson.loads(row[0]).get("active"))

    def names(self, people: Collection[str]) -> dict[str, str]:
        """Names by person; of somebody without a record the id."""
        return names_of(self.database, people)


def names_of(database: Database, people: Collection[str]) -> dict[str, str]:
    """Names by person; of somebody without a record the id."""
    condition, values = database.dialect.among("id", sorted(set(people)))
    rows = database.rows(f"SELECT id, data FROM records WHERE kind = 'person' AND {condition}", values)
    named = {ident: str(orjson.loads(data)["name"]) for ident, data in rows}
    return {ident: named.get(ident, ident) for ident in people}
