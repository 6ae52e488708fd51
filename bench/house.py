"""The server as `make run` starts it, over the demo and a folder that goes when the bench ends."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.workload import Workload
from server.config import ROOT
from server.demo.load import MARK
from tests import postgres
from tests.served import Served

BELOW = ROOT / "build" / "bench"
"""On the disk of the checkout: a folder for temporary files may lie in memory, where nothing is slow."""


@dataclass(frozen=True)
class Bench:
    """A running server and the work that can be sent to it."""

    served: Served
    workload: Workload

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.served.port

    def processor_seconds(self) -> float:
        """What the server and its workers have used of the processors so far."""
        assert self.served.process is not None
        main = self.served.process.pid
        workers = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return sum(_processor_seconds(int(pid)) for pid in (str(main), *workers))


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def folder() -> Iterator[Path]:
    """A fresh folder on the disk."""
    BELOW.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=BELOW))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def database_url(backend: str) -> Iterator[str]:
    """An empty database: none to name for SQLite, a fresh one of a PostgreSQL that flushes to the disk."""
    if backend == "sqlite":
        yield ""
        return
    postgres.MEMORY = BELOW
    BELOW.mkdir(parents=True, exist_ok=True)
    with postgres.fresh_database() as url:
        yield url


@contextmanager
def running(backend: str = "sqlite") -> Iterator[Bench]:
    """The server over a fresh demo."""
    with folder() as place, database_url(backend) as url:
        data = place / "data"
        data.mkdir()
        served = Served(data, url, demo=True)
        served.start()
        try:
            moment = datetime.fromisoformat(json.loads((data / MARK).read_text())["moment"])
            yield Bench(served, Workload(moment))
        finally:
            served.stop()
