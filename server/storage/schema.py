"""Bringing a database to the newest schema, and telling when models and migrations disagree."""

from __future__ import annotations

import fcntl
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

MIGRATIONS = Path(__file__).parent / "migrations"
HISTORY = "schema_migration"


def migrate(database: Database, data: Path) -> list[str]:
    """Apply what is pending, one process at a time; the names of what was applied."""
    with _one_process(data / "migrate.lock"):
        database.peewee.connect(reuse_if_open=True)
        applied: list[str] = Runner(database.peewee, str(MIGRATIONS), table_name=HISTORY).up()
        return applied


def drift() -> list[str]:
    """What differs between the models and a database made by the migrations; empty if nothing does."""
    with tempfile.TemporaryDirectory() as folder:
        migrated = open_database("", Path(folder) / "migrated")
        declared = open_database("", Path(folder) / "declared")
        try:
            migrate(migrated, Path(folder))
            declared.peewee.connect()
            with declared.peewee.bind_ctx(MODELS):
                declared.peewee.create_tables(MODELS)
            with migrated.peewee.bind_ctx(MODELS):
                found = str(diff_models(migrated.peewee, MODELS)).splitlines()
            return found + _column_drift(migrated.peewee, declared.peewee)
        finally:
            migrated.close()
            declared.close()


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


@contextmanager
def _one_process(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
