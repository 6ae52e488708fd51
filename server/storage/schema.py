"""Bringing a database to the newest schema, and telling when models and migrations disagree."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import Database as PeeweeDatabase
from peewee import Model
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from server.storage.database import Database, open_database
from server.storage.models import MODELS
from server.storage.postgres import SCHEMES, Postgres

MIGRATIONS = Path(__file__).parent / "migrations"
HISTORY = "schema_migration"


def migrate(database: Database, data: Path) -> list[str]:
    """Apply what is pending, one process at a time; the names of what was applied.

    Raises:
        ValueError: if the database cannot be reached, or does not keep what it says it has kept.
    """
    database.dialect.check()
    with database.dialect.one_process(database.peewee, data):
        applied: list[str] = Runner(database.peewee, str(MIGRATIONS), table_name=HISTORY).up()
        return applied


def drift(url: str = "") -> list[str]:
    """What differs between the models and a database made by the migrations; empty if nothing does.

    ``url``: a PostgreSQL database to try it in, beside what is there; else it is tried on the embedded one.
    """
    with tempfile.TemporaryDirectory() as folder, _two_empty(url, Path(folder)) as (migrated, declared):
        migrate(migrated, Path(folder))
        for database in (migrated, declared):
            database.peewee.connect(reuse_if_open=True)
        with declared.peewee.bind_ctx(MODELS):
            declared.peewee.create_tables(MODELS)
        with migrated.peewee.bind_ctx(MODELS):
            found = str(diff_models(migrated.peewee, MODELS)).splitlines()
        return found + _column_drift(migrated.peewee, declared.peewee)


@contextmanager
def _two_empty(url: str, folder: Path) -> Iterator[tuple[Database, Database]]:
    names = ("migrated", "declared")
    if url.startswith(SCHEMES):
        schemas = [f"rounds_{name}_{secrets.token_hex(6)}" for name in names]
        with _schemas(Database(Postgres(url)), schemas):
            yield from _opened(*(Database(Postgres(url, schema)) for schema in schemas))
    else:
        yield from _opened(*(open_database("", folder / name) for name in names))


def _opened(one: Database, other: Database) -> Iterator[tuple[Database, Database]]:
    try:
        yield one, other
    finally:
        one.close()
        other.close()


@contextmanager
def _schemas(database: Database, schemas: list[str]) -> Iterator[None]:
    with database.write() as tx:
        for schema in schemas:
            tx.run(f'CREATE SCHEMA "{schema}"')
    try:
        yield
    finally:
        with database.write() as tx:
            for schema in schemas:
                tx.run(f'DROP SCHEMA "{schema}" CASCADE')
        database.close()


def _column_drift(migrated: PeeweeDatabase, declared: PeeweeDatabase) -> list[str]:
    """Types, nullability and keys, which `diff_models` does not compare."""
    found = []
    for model in MODELS:
        table = _table_of(model)
        ours = {column.name: column for column in declared.get_columns(table)}
        for column in migrated.get_columns(table):
            wanted = ours.get(column.name)
            if wanted is not None and wanted != column:
                found.append(f"change column {table}.{column.name}: {column} is not {wanted}")
    known = {_table_of(model) for model in MODELS} | {HISTORY}
    return found + [f"drop table {name}" for name in migrated.get_tables() if name not in known]


def _table_of(model: type[Model]) -> str:
    return str(model._meta.table_name)
