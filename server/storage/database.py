"""Connections and transactions. Leaving a block commits, an exception rolls back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peewee import Database as PeeweeDatabase
from peewee import Model

from server.storage.dialect import Dialect, Sqlite, Table
from server.storage.fair_lock import FairLock

Row = tuple[Any, ...]


class Database:
    """One database of this process, with one connection per thread and its writers in a queue."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.peewee: PeeweeDatabase = dialect.connect()
        self._turns = FairLock()
        self._tables: dict[type[Model], Table] = {}

    @contextmanager
    def write(self) -> Iterator[Database]:
        """A write transaction; writers take turns in the order in which they came. Never nested."""
        with self._turns.held(), self._transaction(self.dialect.begin_write()):
            yield self

    @contextmanager
    def read(self) -> Iterator[Database]:
        """One consistent snapshot that waits for no writer."""
        with self._transaction(self.dialect.begin_read()):
            yield self

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self.peewee.connect(reuse_if_open=True)
        connection = self.peewee.connection()
        connection.execute(begin)
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a SELECT."""
        self.peewee.connect(reuse_if_open=True)
        found: list[Row] = self.peewee.connection().execute(sql, parameters).fetchall()
        return found

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row of a SELECT."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement; the number of rows that it changed."""
        self.peewee.connect(reuse_if_open=True)
        return int(self.peewee.connection().execute(sql, parameters).rowcount)

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows."""
        self.peewee.connection().executemany(sql, rows)

    def table(self, model: type[Model]) -> Table:
        """The statements over a model's columns."""
        if model not in self._tables:
            self._tables[model] = Table(model)
        return self._tables[model]

    def close(self) -> None:
        """Close the connection of the calling thread."""
        self.peewee.close()


def open_database(url: str, data: Path) -> Database:
    """The database that the settings name: embedded in the data folder unless a URL says otherwise.

    Raises:
        ValueError: for a URL of a kind that this version does not serve.
    """
    if not url:
        data.mkdir(parents=True, exist_ok=True)
        return Database(Sqlite(data / "rounds.sqlite3"))
    if url.startswith("sqlite:///"):
        return Database(Sqlite(Path(url.removeprefix("sqlite:///"))))
    raise ValueError(f"ROUNDS_DATABASE_URL: {url.split(':')[0]} is not served by this version")
