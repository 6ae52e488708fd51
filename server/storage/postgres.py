"""PostgreSQL, for where one machine is not enough (`docs/database.md`)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from peewee import Database as PeeweeDatabase
from peewee import PostgresqlDatabase
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from server.failures import Failure
from server.storage.dialect import BUSY_SECONDS, Table, file_lock
from server.storage.pool import Pool

log = logging.getLogger("rounds")

SCHEMES = ("postgresql://", "postgres://")
MOST_CONNECTIONS = 24
"""Of one process. Whoever waits for a space waits without one, so more would only crowd the server."""
SCHEMA_LOCK = 0x526F756E6473
"""Key of the advisory lock under which the schema is changed: `Rounds` in hexadecimal."""

# How long a lock is waited for, and how long a server that froze in the middle of a push may keep a space.
_SETTINGS = (
    f"SET lock_timeout = '{BUSY_SECONDS}s'; SET idle_in_transaction_session_timeout = '{2 * BUSY_SECONDS}s'"
)
_PROMISES = (
    "SELECT current_setting('synchronous_commit'), current_setting('fsync'), "
    "current_setting('server_encoding'), pg_is_in_recovery()"
)
# In the order of their bytes; other orders differ on case, marks, or what is beyond 16 bits.
_SORTED = ("B", "_", "a", "~", "é", "中", "\ufffd", "\U0001f600")
# By peewee's names.
_ARRAYS = {
    "TEXT": "text", "INT": "int4", "BIGINT": "int8", "AUTO": "int4", "DOUBLE": "float8", "BLOB": "bytea",
}  # fmt: skip
_USUAL = {
    "client_encoding": "utf8",
    "connect_timeout": 5,
    "application_name": "rounds",
    # A peer that is gone is noticed in half a minute, not in the two hours of the operating system.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""What every connection asks for, unless the URL says otherwise."""


class UnsafeDatabase(ValueError):
    """The database is set up in a way in which it could lose or garble what it said it has kept."""


class Postgres:
    """A PostgreSQL database. Writers of one space wait for its row, writers of different spaces never."""

    name = "postgresql"

    def __init__(self, url: str, schema: str = "") -> None:
        """``schema``: where its tables are, unless it is the usual one.

        Raises:
            ValueError: if the URL cannot be read.
        """
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise ValueError(f"ROUNDS_DATABASE_URL cannot be understood: {error}".rstrip()) from None
        self.url = url
        inside = {"options": f"-c search_path={schema}"} if schema else {}
        self._connecting: dict[str, Any] = {**_USUAL, **given, **inside}
        self._at_once: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._pool = Pool(self._open, _usable, MOST_CONNECTIONS, BUSY_SECONDS)

    @property
    def where(self) -> str:
        host = urlsplit(self.url)
        return f"{host.hostname or 'localhost'}{host.path}"

    def connect(self) -> PeeweeDatabase:
        rest = {name: value for name, value in self._connecting.items() if name != "dbname"}
        return PostgresqlDatabase(self._connecting.get("dbname", ""), prefer_psycopg3=True, **rest)

    def check(self) -> None:
        try:
            connection = self._pool.take()
        except psycopg.OperationalError as error:
            raise ValueError(f"ROUNDS_DATABASE_URL: the database cannot be reached: {error}") from error
        try:
            wanted = list(_SORTED)
            rows = connection.execute("SELECT x FROM unnest(%s::text[]) AS x ORDER BY x", (wanted[::-1],))
            if [text for (text,) in rows] != wanted:
                raise UnsafeDatabase(
                    "The database does not sort text by its bytes. Make it anew with "
                    "LOCALE 'C' TEMPLATE template0 (docs/database.md)."
                )
        finally:
            self._pool.give_back(connection)

    @contextmanager
    def lend(self, peewee: PeeweeDatabase, first: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        connection = self._pool.take()
        try:
            try:
                cursor = connection.execute(first, parameters)
            except psycopg.OperationalError:
                # The server was restarted, or the connection was cut, since it was used last.
                if not connection.closed:
                    raise
                connection = self._pool.renew(connection)
                cursor = connection.execute(first, parameters)
            yield cursor
        finally:
            self._pool.give_back(connection)

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def one_process(self, peewee: PeeweeDatabase, folder: Path) -> Iterator[None]:
        with file_lock(folder), peewee.connection_context():
            # Other servers have other folders. The lock ends with the connection at the latest.
            peewee.execute_sql("SELECT pg_advisory_lock(%s)", (SCHEMA_LOCK,))
            yield

    def sql(self, statement: str) -> str:
        return _translated(statement)

    def many(self, connection: Any, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        known = self._at_once.get(statement)
        rows = list(rows)
        if known is not None and rows:
            at_once, kinds = known
            columns = [
                _column(kind, values) for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)
            ]
            return int(connection.execute(at_once, columns).rowcount)
        with connection.cursor() as cursor:
            cursor.executemany(_translated(statement), rows)
            return int(cursor.rowcount)

    def meet(self, table: Table) -> None:
        # One statement over columns instead of one for each row: a push of 20 devices got 1.4 times as fast.
        # As binary arrays: as text, JSON in them is escaped quote by quote, which costs more than it saves.
        kinds = tuple(_ARRAYS[kind] for kind in table.types)
        columns = ", ".join(f"%b::{kind}[]" for kind in kinds)
        row = f"VALUES ({', '.join('?' * len(kinds))})"
        for statement in (table.insert, table.upsert, table.upsert_in_space):
            at_once = statement.replace(row, f"SELECT * FROM unnest({columns})", 1)
            self._at_once[statement] = (at_once, kinds)

    def commit(self, connection: Any) -> None:
        # After an error that somebody caught, COMMIT rolls back and reports no error.
        if connection.execute("COMMIT").statusmessage != "COMMIT":
            raise RuntimeError("a transaction went on after an error, and was rolled back")

    def begin_write(self) -> str:
        # Under READ COMMITTED each statement after the one that locks the space sees what the writer before
        # committed; under REPEATABLE READ it would see the state from before the wait, and fail.
        return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

    def begin_read(self) -> str:
        return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def turn(self, space: str | None) -> str | None:
        return space

    def lock_row(self) -> str:
        return " FOR UPDATE"

    def lock_free_row(self) -> str:
        return " FOR UPDATE SKIP LOCKED"

    def among(self, column: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
        return f"{column} = ANY(?)", [list(values)]

    def failure(self, error: Exception) -> Failure | None:
        if isinstance(error, UnsafeDatabase):
            log.error("%s", error)
            return Failure("busy")
        if not isinstance(error, psycopg.Error):
            return None
        state = error.sqlstate or ""
        if isinstance(error, psycopg.DataError) and "NUL" in str(error) and not state:
            # No text here holds U+0000, so whatever is looked for by such a text is not there.
            return Failure("not_found")
        if isinstance(error, psycopg.errors.DiskFull):
            log.error("the database has no room left: %s", error)
            return Failure("storage_full")
        # Class 54 is a limit of the server that will not be another one the next time.
        passing = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and state[:2] != "54"
        if passing or state == "25P03":  # the last: its transaction was left idle for too long
            log.warning("the database cannot take it now: %s", error)
            return Failure("busy")
        return None

    def is_duplicate(self, error: Exception) -> bool:
        return isinstance(error, psycopg.errors.UniqueViolation)

    def _open(self) -> Any:
        connection = psycopg.connect(autocommit=True, **self._connecting)
        try:
            connection.prepare_threshold = 2
            connection.execute(_SETTINGS)
            _hold_to_promises(connection.execute(_PROMISES).fetchone())
        except BaseException:
            connection.close()
            raise
        return connection


def _hold_to_promises(found: Any) -> None:
    synchronous_commit, fsync, encoding, standby = found
    if synchronous_commit not in ("on", "remote_apply"):
        raise UnsafeDatabase(
            f"PostgreSQL's synchronous_commit is {synchronous_commit}: what the server acknowledges could be "
            "lost. Set it to on for this role and database."
        )
    if fsync != "on":
        raise UnsafeDatabase(f"PostgreSQL's fsync is {fsync}: a power failure could ruin the database.")
    if encoding != "UTF8":
        raise UnsafeDatabase(
            f"The database is encoded in {encoding}, not UTF8: make it anew (docs/database.md)."
        )
    if standby:
        raise UnsafeDatabase("This PostgreSQL is a standby and takes no writes: name the primary.")


def _column(kind: str, values: Iterable[Any]) -> list[Any]:
    """The values of one column; an array has one type, where JSON has 1 beside 1.5, and 12.0 for 12."""
    if kind == "text" or kind == "bytea":
        return list(values)
    convert = float if kind == "float8" else int
    return [None if value is None else convert(value) for value in values]


def _usable(connection: Any) -> bool:
    return not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE


_PIECE = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\?|%""")


@lru_cache(maxsize=1024)
def _translated(statement: str) -> str:
    """``?`` outside quotes becomes ``%s``; a percent sign stays one."""

    def piece(match: re.Match[str]) -> str:
        quoted = match[1]
        if quoted is not None:
            return quoted.replace("%", "%%")
        return "%s" if match[0] == "?" else "%%"

    return _PIECE.sub(piece, statement)
