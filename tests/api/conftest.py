"""The house of these tests on each database in turn, and the estate of the tests of coverage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.estate import Estate
from tests.storage.backends import ON_DATABASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever uses a house on each database, unless it is marked as of the embedded one."""
    embedded = metafunc.definition.get_closest_marker("embedded")
    if "database_url" in metafunc.fixturenames and embedded is None:
        metafunc.parametrize("database_url", ON_DATABASES, indirect=True)


@pytest.fixture
def estate(tmp_path: Path, database_url: str) -> Iterator[Estate]:
    """A small estate on the morning of Monday 2 November 2026, nothing checked yet."""
    built = Estate(tmp_path / "data", database_url=database_url)
    yield built
    built.close()
