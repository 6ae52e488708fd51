"""Conflicts with the records, log rows and names behind them, for whoever decides at the desk (X-06)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from server.storage.database import Database, Row
from server.storage.models import LogEntry
from server.storage.rows import read_log_row
from sync.records import LogRow

CONFLICT = "sync_conflict"


@dataclass(frozen=True, slots=True)
class ConflictRecord:
    """A conflict. ``opened_at``: when what opened it arrived."""

    id: str
    space: str
    audience: tuple[str, ...]
    data: Mapping[str, Any]
    opened_at: str


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that a conflict is about or names; its data are left even where it is deleted."""

    id: str
    space: str
    kind: str
    author: str
    audience: tuple[str, ...]
    deleted: bool
    data: Mapping[str, Any]


class Conflicts:
    """Queries over conflicts; who may see what is decided by the caller, who names audiences by space."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(
        self, readable: Mapping[str, Collection[str]], state: Literal["open", "resolved"], limit: int
    ) -> list[ConflictRecord]:
        """Those of these spaces: open ones, the longest waiting first; decided ones, the newest first."""
        places, values = self._places(readable)
        if state == "open":
            sql = f"{_OPEN} WHERE {places} ORDER BY l.arrived_at, r.id LIMIT ?"
            return [_conflict(row) for row in self.database.rows(sql, (*values, limit))]
        # Of each space the newest first: seqs of two spaces say nothing about which was decided earlier.
        ranked = f"SELECT * FROM ({_RESOLVED} AND {places}) ranked WHERE place <= ?"
        found = [_conflict(row) for row in self.database.rows(ranked, (*values, limit))]
        found.sort(key=lambda row: (row.data.get("decided_at") or "", row.id), reverse=True)
        return found[:limit]

    def one(self, conflict: str) -> ConflictRecord | None:
        """One, in any state."""
        row = self.database.row(f"{_ONE} WHERE r.id = ? AND r.kind = '{CONFLICT}'", (conflict,))
        return _conflict(row) if row else None

    def count(self, readable: Mapping[str, Collection[str]]) -> dict[str, int]:
        """How many of these spaces are open, by reason."""
        places, values = self._places(readable)
        counts: dict[str, int] = {}
        for (text,) in self.database.rows(
            f"SELECT r.data FROM open_conflicts o JOIN records r ON r.id = o.conflict WHERE {places}", values
        ):
            reason = orjson.loads(text)["reason"]
            counts[reason] = counts.get(reason, 0) + 1
        return counts

    def count_parked(self, spaces: Collection[str]) -> int:
        """How many commits are parked in these spaces."""
        where, values = self.database.dialect.among("space", sorted(spaces))
        row = self.database.row(f"SELECT COUNT(*) FROM parked WHERE state = 'parked' AND {where}", values)
        return int(row[0]) if row else 0

    def records(self, ids: Iterable[str]) -> dict[str, FoundRecord]:
        """Records of any kind by id; unknown ids are left out."""
        where, values = self.database.dialect.among("id", sorted(set(ids)))
        sql = f"SELECT id, space, kind, author, audience, deleted, data FROM records WHERE {where}"
        return {row[0]: _record(row) for row in self.database.rows(sql, values)}

    def log_rows(self, changes: Collection[str]) -> dict[str, LogRow]:
        """What the log holds of these changes."""
        where, values = self.database.dialect.among("change", sorted(changes))
        rows = self.database.rows(f"{self.database.table(LogEntry).select} WHERE {where}", values)
        return {row[2]: read_log_row(row) for row in rows}

    def units_landed(self, record: str, changes: Collection[str]) -> set[str]:
        """The units of a record of which the commits of these changes wrote the then current version."""
        among, values = self.database.dialect.among('"change"', sorted(changes))
        rows = self.database.rows(
            'SELECT "replaced" FROM log WHERE record = ? AND "commit" IN '
            f'(SELECT "commit" FROM log WHERE {among})',
            (record, *values),
        )
        return {unit for (text,) in rows for unit in orjson.loads(text)}

    def device_names(self, devices: Collection[str]) -> dict[str, str]:
        """Names of devices that have signed in."""
        where, values = self.database.dialect.among("id", sorted(devices))
        return dict(self.database.rows(f"SELECT id, name FROM devices WHERE {where}", values))

    def _places(self, readable: Mapping[str, Collection[str]]) -> tuple[str, list[Any]]:
        """The condition that a record ``r`` is in one of these spaces and of an audience readable there."""
        where, values = self.database.dialect.among("space", sorted(readable))
        used: Sequence[Row] = self.database.rows(
            f"SELECT space, audience FROM audiences WHERE {where}", values
        )
        pairs = [
            f"{space} {audience}"
            for space, audience in used
            if not set(readable[space]).isdisjoint(audience.split(" "))
        ]
        among, pair_values = self.database.dialect.among("r.space || ' ' || r.audience", sorted(pairs))
        spaces, space_values = self.database.dialect.among("r.space", sorted(readable))
        return f"{spaces} AND {among}", [*space_values, *pair_values]


_COLUMNS = "r.id, r.space, r.audience, r.data, l.arrived_at"
_LOGGED = "JOIN log l ON l.change = r.created_by_change"
_OPEN = f"SELECT {_COLUMNS} FROM open_conflicts o JOIN records r ON r.id = o.conflict {_LOGGED}"
_ONE = f"SELECT {_COLUMNS} FROM records r {_LOGGED}"
_RESOLVED = (
    f"SELECT {_COLUMNS}, ROW_NUMBER() OVER (PARTITION BY r.space ORDER BY r.seq DESC) AS place "
    f"FROM records r {_LOGGED} WHERE r.kind = '{CONFLICT}' AND r.deleted = 0 "
    "AND r.id NOT IN (SELECT conflict FROM open_conflicts)"
)


def _conflict(row: Row) -> ConflictRecord:
    return ConflictRecord(row[0], row[1], tuple(row[2].split(" ")), orjson.loads(row[3]), row[4])


def _record(row: Row) -> FoundRecord:
    ident, space, kind, author, audience, deleted, data = row
    return FoundRecord(
        ident, space, kind, author, tuple(audience.split(" ")), bool(deleted), orjson.loads(data)
    )
