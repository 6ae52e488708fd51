"""Parked commits, for looking at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import orjson

from server.storage.database import Database, Row
from server.storage.rows import load

QUARANTINE = "quarantine"
# What is unreadable looks unknown, so that a lack of rights may say either.
LACKS_RIGHTS = ("forbidden", "not_found")
# What a newer version may be able to read.
UNREADABLE = ("unknown_kind", "unknown_field", "unknown_unit", "bad_field", "field_required", "malformed")


class ParkedCommits:
    """Queries over parked commits; what is sent to whom is decided by the caller."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, user: str, spaces: list[str]) -> list[dict[str, Any]]:
        """Those still parked of one user in any space, and of everybody in these spaces; oldest first."""
        condition, values = self.database.dialect.among("space", spaces)
        rows = self.database.rows(
            f"{_SELECT} WHERE state = 'parked' AND (\"user\" = ? OR {condition}) ORDER BY arrived_at, n, id",
            (user, *values),
        )
        return [_read(row) for row in rows]

    def quarantined(self) -> dict[str, int]:
        """How many commits wait in quarantine, by device."""
        rows = self.database.rows("SELECT device, reason FROM parked WHERE state = 'parked'")
        return Counter(device for device, reason in rows if orjson.loads(reason)["code"] == QUARANTINE)

    def refused_of(self, people: Collection[str] | None, space: str | None) -> list[tuple[str, str]]:
        """(space, id) of what is parked for lack of rights: of these people (``None``: of anybody), in one
        space or in all; in the order in which their devices made it."""
        conditions, values = ["state = 'parked'"], list[Any]()
        if space is not None:
            conditions, values = [*conditions, "space = ?"], [space]
        if people is not None:
            condition, more = self.database.dialect.among('"user"', sorted(people))
            conditions, values = [*conditions, condition], [*values, *more]
        return self._parked_for(LACKS_RIGHTS, conditions, values)

    def unreadable(self) -> list[tuple[str, str]]:
        """(space, id) of what is parked because its form is not known, in the same order."""
        return self._parked_for(UNREADABLE, ["state = 'parked'"], [])

    def _parked_for(
        self, codes: Collection[str], conditions: list[str], values: list[Any]
    ) -> list[tuple[str, str]]:
        rows = self.database.rows(
            f"SELECT space, id, reason FROM parked WHERE {' AND '.join(conditions)} "
            'ORDER BY space, "user", device, n, id',
            values,
        )
        return [(row[0], row[1]) for row in rows if orjson.loads(row[2])["code"] in codes]

    def one(self, ident: str) -> dict[str, Any] | None:
        """One, in any state."""
        row = self.database.row(f"{_SELECT} WHERE id = ?", (ident,))
        return _read(row) if row else None


_SELECT = 'SELECT id, space, "user", device, n, sent, reason, waits_for, arrived_at, state FROM parked'


def _read(row: Row) -> dict[str, Any]:
    return {
        "id": row[0],
        "space": row[1],
        "user": row[2],
        "device": row[3],
        "n": row[4],
        "commit": load(row[5]),
        "reason": orjson.loads(row[6]),
        "waits_for": orjson.loads(row[7]),
        "arrived_at": row[8],
        "state": row[9],
    }
