"""The stores that must pass the suite, each opened empty; PostgreSQL joins them here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from server.storage.database import Database, open_database
from server.storage.models import LogEntry, ParkedRow, RecordRow
from server.storage.rows import read_log_row, read_parked, read_record
from server.storage.schema import migrate
from server.storage.spaces import Spaces
from server.storage.store import SqlStore
from sync.memory import MemoryStore
from sync.ports import Store
from sync.records import Flag, Head

SPACES = ("hq", "qyl", "xqgy")


class SeenSqlStore(SqlStore):
    """A SQL store that shows what is in it the way `MemoryStore` does, for the engine's scenarios."""

    def space(self, name: str) -> Any:
        """Head, records, log, parked and open conflicts of a space."""
        db = self.database
        head = db.row("SELECT head, at, generation FROM spaces WHERE id = ?", (name,))
        assert head is not None
        where = "WHERE space = ? ORDER BY"
        rows = db.rows(f"{db.table(RecordRow).select} {where} rowid", (name,))
        records = {row[0]: read_record(row) for row in rows}
        conflicts: dict[str, dict[str, Any]] = {}
        for conflict, record in db.rows("SELECT conflict, record FROM open_conflicts"):
            conflicts.setdefault(record, {})[conflict] = records[conflict]
        parked = db.rows(f"{db.table(ParkedRow).select} {where} rowid", (name,))
        return SimpleNamespace(
            state=(Head(*head), records),
            log=[read_log_row(row) for row in db.rows(f"{db.table(LogEntry).select} {where} seq", (name,))],
            conflicts=conflicts,
            parked={row[0]: read_parked(row) for row in parked},
        )

    @property
    def flags(self) -> list[Flag]:
        """Every flag, in order."""
        columns = 'code, "user", device, "commit", n, detail, arrived_at'
        return [Flag(*row) for row in self.database.rows(f"SELECT {columns} FROM flags ORDER BY id")]


def open_sqlite(folder: Path) -> SeenSqlStore:
    """An empty SQLite store without projections of other parts."""
    database = open_database("", folder)
    migrate(database, folder)
    for space in SPACES:
        Spaces(database).create(space, "headquarters" if space == "hq" else "project", space, "e1")
    return SeenSqlStore(database)


def open_memory(folder: Path) -> MemoryStore:
    """An empty store in memory."""
    return MemoryStore()


BACKENDS: Mapping[str, Callable[[Path], Store]] = {"memory": open_memory, "sqlite": open_sqlite}


def close(store: Store) -> None:
    """Let go of what a store holds."""
    database = getattr(store, "database", None)
    if isinstance(database, Database):
        database.close()
