"""A served house on each database, its backups, and the commands as an administrator gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from server import cli
from tests.served import Served
from tests.storage.backends import ON_DATABASES


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever uses a house on each database, unless it is marked as of the embedded one."""
    embedded = metafunc.definition.get_closest_marker("embedded")
    if "database_url" in metafunc.fixturenames and embedded is None:
        metafunc.parametrize("database_url", ON_DATABASES, indirect=True)


@pytest.fixture
def run(served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Gives one of the commands over the served house, or over another data folder."""

    def go(*arguments: str | Path, data: Path | None = None) -> Done:
        monkeypatch.setenv("ROUNDS_DATA", str(data or served.data))
        monkeypatch.setenv("ROUNDS_DATABASE_URL", served.database_url)
        capsys.readouterr()
        status = cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return go
