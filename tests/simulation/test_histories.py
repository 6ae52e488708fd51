"""Histories in memory, on SQLite and on PostgreSQL: no invariant is broken, and every store ends alike."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from server.config import ROOT
from tests.simulation.backends import backend
from tests.simulation.history import draw
from tests.simulation.play import judge, play, play_on
from tests.storage.backends import ON_DATABASES

IN_MEMORY, IN_PIECES = 400, 8
ON_SQL = {"sqlite": 40, "postgresql": 20}
SOAK = 20_000


@pytest.mark.parametrize("piece", range(IN_PIECES))
def test_histories_in_memory(piece: int) -> None:
    """Seeds of their own, so that this adds to what `make simulate` plays from 0."""
    for seed in range(1_000_000 + piece, 1_000_000 + IN_MEMORY, IN_PIECES):
        assert judge(draw(seed)).broken == [], f"seed {seed}"


@pytest.mark.parametrize("name", ON_DATABASES)
def test_histories_on_databases(name: str) -> None:
    """The same history must end in the same records, log, chain and answers as in memory."""
    with backend(name) as store:
        for seed in range(2_000_000, 2_000_000 + ON_SQL[name]):
            history = draw(seed)
            assert play_on(history, store, play(history).outcome).broken == [], f"seed {seed}"


@pytest.mark.postgres
@pytest.mark.timeout(3600)
def test_the_command(soak: bool) -> None:
    """`make simulate` ends in its one line; the full form in `make soak`."""
    count = SOAK if soak else 40
    arguments = [str(count), "0"] if soak else [str(count), "0", "--no-mutants"]
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3500, check=False)
    last = done.stdout.strip().splitlines()[-1]
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(rf"{count} histories, \d+ operations, 0 invariants broken", last), done.stdout
