"""A served house on each database, its backups, and the commands as an administrator gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from server import cli
from tests.postgres import ON_POSTGRES
from tests.served import Served
from tests.storage.backends import ON_DATABASES
from tools.pytest_plugin import SOAK


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


LONG = {"sqlite": "sqlite", "postgresql": ON_POSTGRES}
Run = Callable[..., Done]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever uses a house on each database, unless it is marked as of the embedded one; what is marked
    as ``long_on`` one of them runs there in `make soak` only."""
    embedded, long_on = map(metafunc.definition.get_closest_marker, ("embedded", "long_on"))
    if "database_url" in metafunc.fixturenames and embedded is None:
        left_out = LONG[long_on.args[0]] if long_on is not None and not SOAK else None
        on = [one for one in ON_DATABASES if one != left_out]
        metafunc.parametrize("database_url", on, indirect=True)


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
