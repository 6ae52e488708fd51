"""Starts servers by forking from a process that has the product in memory already: 1.3 s of imports saved a
start.

`python -m tests.simulation.client.nursery` reads `{"environment": …, "log": …, "broken": …}` from its input,
a line each, and answers with the id of a process in a group of its own, which runs the product's `serve`
command: the same code with the same gunicorn. ``broken`` names what is first broken in it on purpose, if
anything. When its input ends, every server goes with it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from server import cli
from server.config import ROOT
from tests.simulation.client.broken import BREAKS

_PR_SET_CHILD_SUBREAPER = 36


class Nursery:
    """The process that starts servers."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def start(self, environment: dict[str, str], log: Path, broken: str = "") -> int:
        """Start a server; the id of its process, which is also that of its group."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(
            json.dumps({"environment": environment, "log": str(log), "broken": broken}) + "\n"
        )
        return int(self.process.stdout.readline())

    def close(self) -> None:
        """End it, and every server of it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


def kill_group(pid: int) -> None:
    """SIGKILL to a server and its workers, as when the power fails."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def main() -> None:
    """Be the nursery."""
    # Nobody waits for what was killed; and a worker whose arbiter was killed with it is ours to bury.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    started = []
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _serve(order["environment"], order["log"], order["broken"])
        started.append(pid)
        print(pid, flush=True)
    for pid in started:
        kill_group(pid)


def _serve(environment: dict[str, str], log: str, broken: str) -> None:
    """In the child: as if it had been started from a shell."""
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["server.cli", "serve"]
        if broken:
            BREAKS[broken]()
        status = cli.main(["serve"])
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
