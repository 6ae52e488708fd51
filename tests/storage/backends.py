"""The stores that must pass the suite, each opened empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
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
from tests.postgres import ON_POSTGRES, fresh_database

SPACES = ("hq", "qyl", "xqgy")


class SeenSqlStore(SqlStore):
    """A SQL store that shows what is in it the way `MemoryStore` does, for the engine's scenarios."""

    def space(self, name: str) -> Any:
        """Head, records, log, parked and open conflicts of a space."""
        db = self.database
        head = db.row("SELECT head, at, generation FROM spaces WHERE id = ?", (name,))
        assert head is not None
        where = "WHERE space = ? ORDER BY"
        # In the order in which they were made, which only the log knows on every database.
        made = "(SELECT seq FROM log WHERE log.change = created_by_change)"
        rows = db.rows(f"{db.table(RecordRow).select} {where} {made}", (name,))
        records = {row[0]: read_record(row) for row in rows}
        conflicts: dict[str, dict[str, Any]] = {}
        for conflict, record in db.rows("SELECT conflict, record FROM open_conflicts"):
            conflicts.setdefault(record, {})[conflict] = records[conflict]
        parked = db.rows(f"{db.table(ParkedRow).select} {where} arrived_at, id", (name,))
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


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Database]:
    """An empty SQLite database of the newest schema."""
    with closing(open_database("", folder)) as database:
        migrate(database, folder)
        yield database


@contextmanager
def on_postgres(folder: Path) -> Iterator[Database]:
    """An empty PostgreSQL database of the newest schema."""
    with fresh_database() as url, closing(open_database(url, folder)) as database:
        yield database


DATABASES: Mapping[str, Callable[[Path], AbstractContextManager[Database]]] = {
    "sqlite": on_sqlite,
    "postgresql": on_postgres,
}
ON_DATABASES = ("sqlite", ON_POSTGRES)
"""Each database, as values of a parameter."""


def store_over(database: Database) -> SeenSqlStore:
    """A store over an empty database, without projections of other parts."""
    for space in SPACES:
        Spaces(database).create(space, "headquarters" if space == "hq" else "project", space, "e1")
    return SeenSqlStore(database)


@contextmanager
def open_store(backend: str, folder: Path) -> Iterator[Store]:
    """An empty store: in ``memory``, or on one of the databases."""
    if backend == "memory":
        yield MemoryStore()
    else:
        with DATABASES[backend](folder) as database:
            yield store_over(database)
