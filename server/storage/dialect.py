"""What differs between databases, in one place.

All SQL of ours is written with ``?`` for parameters, double quotes around names, and ``ON CONFLICT``; a
database that wants it otherwise gets it translated here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson
from peewee import Database as PeeweeDatabase
from peewee import Model, SqliteDatabase

BUSY_SECONDS = 30


class Dialect(Protocol):
    """One kind of database."""

    name: str

    def connect(self) -> PeeweeDatabase:
        """A peewee database that opens one connection per thread."""
        ...

    def begin_write(self) -> str:
        """The statement that begins a write transaction."""
        ...

    def begin_read(self) -> str:
        """The statement that begins a transaction which sees one snapshot and writes nothing."""
        ...

    def lock_space(self) -> str:
        """What ends a SELECT of a space's row that must lock it."""
        ...

    def among(self, column: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
        """The condition that a column is one of many values, as one statement whatever their number."""
        ...


class Sqlite:
    """The embedded database: WAL, every commit flushed, one writer."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path

    def connect(self) -> PeeweeDatabase:
        return SqliteDatabase(
            str(self.path),
            timeout=BUSY_SECONDS,
            check_same_thread=False,
            pragmas={
                "journal_mode": "wal",
                "synchronous": "full",
                "foreign_keys": 1,
                # Per connection, and there may be one for each of 120 threads; the rest is mapped and shared.
                "cache_size": -4_000,
                "temp_store": "memory",
                "mmap_size": 256 * 1024 * 1024,
            },
        )

    def begin_write(self) -> str:
        # Not BEGIN alone: a transaction that reads first and then writes fails at once when another wrote
        # in between, whatever the busy timeout.
        return "BEGIN IMMEDIATE"

    def begin_read(self) -> str:
        return "BEGIN"

    def lock_space(self) -> str:
        return ""

    def among(self, column: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
        # One parameter, so that the statement is prepared once and no limit on parameters is met.
        return f"{column} IN (SELECT value FROM json_each(?))", [orjson.dumps(list(values)).decode()]


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
        self.name = f'"{meta.table_name}"'
        self.insert = f"INSERT INTO {self.name} ({names}) VALUES ({', '.join(['?'] * len(columns))})"
        rest = [name for name in columns if name not in keys]
        target = ", ".join(f'"{key}"' for key in keys)
        updates = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
        self.upsert = f"{self.insert} ON CONFLICT ({target}) DO " + (
            f"UPDATE SET {updates}" if rest else "NOTHING"
        )
        self.select = f"SELECT {names} FROM {self.name}"
