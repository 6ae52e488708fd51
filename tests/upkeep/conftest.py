"""A served house on each database, its backups, and the commands as an administrator gives them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.config import ROOT
from tests.served import Served
from tests.storage.backends import ON_DATABASES

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever uses a house on each database."""
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", ON_DATABASES, indirect=True)


@pytest.fixture
def run(served: Served) -> Run:
    """Gives one of the commands over the served house, or over another data folder."""

    def go(*arguments: str | Path, data: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ROUNDS_")}
        settings = {"ROUNDS_DATA": str(data or served.data), "ROUNDS_DATABASE_URL": served.database_url}
        return subprocess.run(
            [sys.executable, "-m", "server.cli", *map(str, arguments)], cwd=ROOT, capture_output=True,
            text=True, check=False, env={**environment, **settings},
        )  # fmt: skip

    return go
