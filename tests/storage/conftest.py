"""One store of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.ports import Store
from tests.storage.backends import BACKENDS, SeenSqlStore, close, open_sqlite


@pytest.fixture(params=sorted(BACKENDS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, of each kind in turn."""
    opened = BACKENDS[request.param](tmp_path)
    yield opened
    close(opened)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SeenSqlStore]:
    """An empty SQLite store."""
    opened = open_sqlite(tmp_path)
    yield opened
    close(opened)
