"""What differs between databases, in one place.

All SQL of ours is written with ``?`` for parameters, double quotes around names, and ``ON CONFLICT``; a
database that wants it otherwise gets it translated here.
"""

from __future__ import annotations

import fcntl
import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import orjson
from peewee import Database as PeeweeDatabase
from peewee import Model, SqliteDatabase

from server.failures import Failure

log = logging.getLogger("rounds")

BUSY_SECONDS = 30
PAGE_BYTES, CHECKPOINT_PAGES = 8192, 4_000
# Of readers there may be one for each of 120 threads; what they do not remember is mapped and shared.
READER_CACHE_KIB, WRITER_CACHE_KIB = 4_000, 64_000
# SQLite says FULL only of a full disk; a used-up quota or a limit on files is a write that failed.
_NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")


class Dialect(Protocol):
    """One kind of database."""

    name: str

    @property
    def where(self) -> str:
        """Which database it is, for whoever looks after it; no password."""
        ...

    def connect(self) -> PeeweeDatabase:
        """A peewee database, for the schema; statements of ours run on what `lend` gives."""
        ...

    def check(self) -> None:
        """Make sure that the database keeps what it says it has kept.

        Raises:
            ValueError: in words for whoever set it up, if it cannot be reached or must not be used.
        """
        ...

    def lend(
        self, peewee: PeeweeDatabase, first: str, parameters: Sequence[Any] = ()
    ) -> AbstractContextManager[Any]:
        """A connection for this thread within the block, as the cursor of its ``first`` statement.

        That statement changes nothing, so that it may be run anew if the connection turns out to be broken.
        """
        ...

    def close(self) -> None:
        """Let go of connections that nobody is using; the next user opens new ones."""
        ...

    def one_process(self, peewee: PeeweeDatabase, folder: Path) -> AbstractContextManager[None]:
        """Keep all others from changing the schema within the block. ``folder``: of the data."""
        ...

    def sql(self, statement: str) -> str:
        """A statement of ours as this database wants it."""
        ...

    def many(self, connection: Any, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run a statement of ours for many rows, no two of which have one key; how many rows it changed."""
        ...

    def meet(self, table: Table) -> None:
        """Learn of a table, so that its INSERT statements may be run for many rows at once."""
        ...

    def commit(self, connection: Any) -> None:
        """Commit the transaction of a connection; on return it is kept."""
        ...

    def begin_write(self) -> str:
        """The statement that begins a write transaction."""
        ...

    def begin_read(self) -> str:
        """The statement that begins a transaction which sees one snapshot and writes nothing."""
        ...

    def turn(self, space: str | None) -> str | None:
        """The queue of this process in which a writer of a space (or of none) waits; ``None``: in none."""
        ...

    def lock_row(self) -> str:
        """What ends a SELECT that must lock its rows until the transaction ends."""
        ...

    def lock_free_row(self) -> str:
        """What ends a SELECT that must lock its rows, passing over those that others hold."""
        ...

    def among(self, column: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
        """The condition that a column is one of many values, as one statement whatever their number."""
        ...

    def failure(self, error: Exception) -> Failure | None:
        """What an error of the driver means to whoever made the request; ``None``: it is a fault of ours."""
        ...

    def is_duplicate(self, error: Exception) -> bool:
        """Whether a row was refused because another has its key."""
        ...


class Sqlite:
    """The embedded database: WAL, every commit flushed, one writer."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = self._database(WRITER_CACHE_KIB, thread_safe=False)
        """The one connection of all who write, each in his turn. What it remembers of the file stays true
        from one transaction to the next: one that did not write the last must forget all of it."""
        self._at_writer = threading.Lock()

    @property
    def where(self) -> str:
        return str(self.path)

    def connect(self) -> PeeweeDatabase:
        return self._database(READER_CACHE_KIB)

    def _database(self, cache_kib: int, **options: Any) -> PeeweeDatabase:
        return SqliteDatabase(
            str(self.path),
            timeout=BUSY_SECONDS,
            check_same_thread=False,
            **options,
            pragmas={
                # Of a new database only, and before anything else. A check and its log row of 2 KB each fit
                # three to such a page but only one to a page of 4 KB: a third less is written per push.
                "page_size": PAGE_BYTES,
                "journal_mode": "wal",
                # What many pushes changed is then copied into the database once.
                "wal_autocheckpoint": CHECKPOINT_PAGES,
                "synchronous": "full",
                "foreign_keys": 1,
                "cache_size": -cache_kib,
                "temp_store": "memory",
                "mmap_size": 256 * 1024 * 1024,
            },
        )

    def check(self) -> None:
        """The pragmas above are ours to set."""

    @contextmanager
    def lend(self, peewee: PeeweeDatabase, first: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        if first == self.begin_write():
            with self._at_writer:
                self._writer.connect(reuse_if_open=True)
                yield self._writer.connection().execute(first, parameters)
        else:
            peewee.connect(reuse_if_open=True)
            yield peewee.connection().execute(first, parameters)

    def close(self) -> None:
        # Whoever reads has a connection of his own, which peewee keeps; he never waits for whoever writes.
        if self._at_writer.acquire(blocking=False):
            try:
                self._writer.close()
            finally:
                self._at_writer.release()

    @contextmanager
    def one_process(self, peewee: PeeweeDatabase, folder: Path) -> Iterator[None]:
        with file_lock(folder):
            peewee.connect(reuse_if_open=True)
            yield

    def sql(self, statement: str) -> str:
        return statement

    def many(self, connection: Any, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        return int(connection.executemany(statement, rows).rowcount)

    def meet(self, table: Table) -> None:
        """Prepared once, a statement costs next to nothing for each row."""

    def commit(self, connection: Any) -> None:
        connection.execute("COMMIT")

    def begin_write(self) -> str:
        # Not BEGIN alone: a transaction that reads first and then writes fails at once when another wrote
        # in between, whatever the busy timeout.
        return "BEGIN IMMEDIATE"

    def begin_read(self) -> str:
        return "BEGIN"

    def turn(self, space: str | None) -> str | None:
        return "everybody"

    def lock_row(self) -> str:
        return ""

    def lock_free_row(self) -> str:
        return ""

    def among(self, column: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
        # One parameter, so that the statement is prepared once and no limit on parameters is met.
        return f"{column} IN (SELECT value FROM json_each(?))", [orjson.dumps(list(values)).decode()]

    def failure(self, error: Exception) -> Failure | None:
        name = getattr(error, "sqlite_errorname", "")
        if name in _NO_ROOM:
            log.error("the database has no room left: %s", error)
            return Failure("storage_full")
        # It stayed locked for longer than its busy timeout.
        return Failure("busy") if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) else None

    def is_duplicate(self, error: Exception) -> bool:
        return isinstance(error, sqlite3.IntegrityError)


@contextmanager
def file_lock(folder: Path) -> Iterator[None]:
    """Hold ``migrate.lock`` in a data folder within the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Table:
    """INSERT statements over the columns of a model, made once."""

    def __init__(self, model: type[Model]) -> None:
        meta: Any = model._meta
        columns: Sequence[str] = [field.column_name for field in meta.sorted_fields]
        primary = meta.primary_key
        keys = (
            [meta.fields[name].column_name for name in primary.field_names]
            if hasattr(primary, "field_names")
            else [primary.column_name]
        )
        names = ", ".join(f'"{name}"' for name in columns)
        self.columns = tuple(columns)
        self.types: tuple[str, ...] = tuple(field.field_type for field in meta.sorted_fields)
        """The type of each column, by peewee's names."""
        self.name = f'"{meta.table_name}"'
        self.insert = f"INSERT INTO {self.name} ({names}) VALUES ({', '.join(['?'] * len(columns))})"
        rest = [name for name in columns if name not in keys]
        target = ", ".join(f'"{key}"' for key in keys)
        updates = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
        self.upsert = f"{self.insert} ON CONFLICT ({target}) DO " + (
            f"UPDATE SET {updates}" if rest else "NOTHING"
        )
        self.select = f"SELECT {names} FROM {self.name}"
        self.upsert_in_space = f"{self.upsert} WHERE {self.name}.space = excluded.space"
        """For tables with a space: leaves a row of another space as it is, and does not count it."""
