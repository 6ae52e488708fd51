"""Writes a migration from the difference between the models and the migrated schema."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playhouse.migrations import Runner, template
from playhouse.schema_diff import diff_models

from server.storage.database import open_database
from server.storage.models import MODELS
from server.storage.schema import HISTORY, MIGRATIONS, migrate

_FIELD = re.compile(r"\b([A-Z]\w*(?:Field|Key)|Model)\(")


def write_migration(name: str) -> Path | None:
    """Write what is missing as the next numbered migration; ``None`` if nothing is.

    Renames, changed types and data are beyond it: edit the file by hand before it is committed.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = open_database("", Path(folder))
        try:
            migrate(database, Path(folder))
            with database.peewee.bind_ctx(MODELS):
                difference = diff_models(database.peewee, MODELS)
                if not difference:
                    return None
                body = _tidy(template(difference))
            runner = Runner(database.peewee, str(MIGRATIONS), table_name=HISTORY)
            return Path(runner.create(name, body))
        finally:
            database.close()


def _tidy(text: str) -> str:
    """Name what is imported, and leave out the date: the history of the file knows it better."""
    lines = [line for line in text.splitlines() if not line.startswith("# Generated")]
    body = "\n".join(lines) + "\n"
    names = ", ".join(sorted(set(_FIELD.findall(body)) | {"Model"} & set(re.findall(r"\((Model)\)", body))))
    imports = f"from peewee import {names}\n" if names else ""
    return "# mypy: ignore-errors\n" + body.replace("from peewee import *\n", imports)
