"""One store of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.storage.database import Database
from sync.ports import Store
from tests.storage.backends import DATABASES, ON_DATABASES, SeenSqlStore, open_store, store_over


@pytest.fixture(params=["memory", *ON_DATABASES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, of each kind in turn."""
    with open_store(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(params=ON_DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the newest schema, of each kind in turn."""
    with DATABASES[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture
def sql_store(database: Database) -> SeenSqlStore:
    """An empty store on each kind of database in turn."""
    return store_over(database)
