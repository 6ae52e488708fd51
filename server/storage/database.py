"""Connections and transactions. Leaving a block commits, an exception rolls back."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from peewee import Database as PeeweeDatabase
from peewee import Model

from server.storage.dialect import Dialect, Sqlite, Table
from server.storage.fair_lock import FairLock
from server.storage.postgres import SCHEMES, Postgres

Row = tuple[Any, ...]


class _Here(threading.local):
    """The connection on which the calling thread has a transaction open."""

    connection: Any = None


class Database:
    """One database of this process; its writers queue as far as they would wait for each other anyway.

    Every method raises ``Failure`` (``busy``) where the database cannot do it now but may later: a deadlock,
    a lost connection, a full disk. Nothing of the transaction is kept then; only if the connection was lost
    while committing may all of it be kept, which whoever sends it again finds out.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.peewee: PeeweeDatabase = dialect.connect()
        self._here = _Here()
        self._guard = threading.Lock()
        self._turns: dict[str, FairLock] = {}
        self._tables: dict[type[Model], Table] = {}

    @contextmanager
    def write(self, space: str | None = None) -> Iterator[Database]:
        """A write transaction, of one space or of what belongs to none. Never nested.

        Writers take turns in the order in which they came: all on SQLite, elsewhere those of a space.
        """
        with self._turn(space), self._transaction(self.dialect.begin_write()):
            yield self

    @contextmanager
    def read(self) -> Iterator[Database]:
        """One consistent snapshot that waits for no writer."""
        with self._transaction(self.dialect.begin_read()):
            yield self

    def _turn(self, space: str | None) -> AbstractContextManager[None]:
        queue = self.dialect.turn(space)
        if queue is None:
            return nullcontext()
        with self._guard:
            lock = self._turns.setdefault(queue, FairLock())
        return lock.held()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        if self._here.connection is not None:
            raise RuntimeError("a transaction was opened inside another one")
        with self._explained(), self.dialect.lend(self.peewee, begin) as begun:
            connection = self._here.connection = begun.connection
            try:
                yield
            except BaseException:
                # On a connection that is lost there is nothing to roll back, and the first error says more.
                with suppress(Exception):
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._here.connection = None
            self.dialect.commit(connection)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            failure = self.dialect.failure(error)
            if failure is None:
                raise
            raise failure from error

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a SELECT."""
        found: list[Row]
        connection, statement = self._here.connection, self.dialect.sql(sql)
        if connection is not None:
            found = connection.execute(statement, parameters).fetchall()
            return found
        with self._explained(), self.dialect.lend(self.peewee, statement, parameters) as cursor:
            found = cursor.fetchall()
            return found

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row of a SELECT."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement within a write transaction; the number of rows that it changed."""
        return int(self._open().execute(self.dialect.sql(sql), parameters).rowcount)

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run one statement for many rows within a write transaction; the number of rows that it changed."""
        return self.dialect.many(self._open(), sql, rows)

    def _open(self) -> Any:
        if self._here.connection is None:
            raise RuntimeError("a statement that writes needs a write transaction")
        return self._here.connection

    def table(self, model: type[Model]) -> Table:
        """The statements over a model's columns."""
        if model not in self._tables:
            table = self._tables[model] = Table(model)
            self.dialect.meet(table)
        return self._tables[model]

    def close(self) -> None:
        """Close the connection of the calling thread, and those that no thread uses."""
        self.peewee.close()
        self.dialect.close()


def open_database(url: str, data: Path) -> Database:
    """The database that the settings name: embedded in the data folder unless a URL says otherwise.

    Raises:
        ValueError: for a URL of a kind that this version does not serve, or that cannot be read.
    """
    if not url:
        data.mkdir(parents=True, exist_ok=True)
        return Database(Sqlite(data / "rounds.sqlite3"))
    if url.startswith("sqlite:///"):
        return Database(Sqlite(Path(url.removeprefix("sqlite:///"))))
    if url.startswith(SCHEMES):
        return Database(Postgres(url))
    raise ValueError(f"ROUNDS_DATABASE_URL: {url.split(':')[0]} is not served by this version")
