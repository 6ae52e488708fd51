"""On each database in turn, whatever asks for one."""

from __future__ import annotations

import pytest

from tests.storage.backends import ON_DATABASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What uses a database runs on each."""
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", ON_DATABASES, indirect=True)
