"""Programs of the cluster: started, waited for, stopped; none outlives whoever started it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.steps import StepFailed

_PR_SET_PDEATHSIG = 1
_C = ctypes.CDLL(None)
HOST = "127.0.0.1"


class Program:
    """One program with its log. ``user``: as whom it runs; ``None``: as whoever we are.

    ``stop_with``: the signal that ends it in order.
    """

    def __init__(
        self, name: str, command: Sequence[str | Path], log: Path, *, cwd: Path,
        environment: Mapping[str, str] | None = None, user: pwd.struct_passwd | None = None,
        stop_with: signal.Signals = signal.SIGTERM,
    ) -> None:  # fmt: skip
        self.name, self.command, self.log, self.cwd = name, [str(part) for part in command], log, cwd
        self.environment, self.user, self.stop_with = environment, user, stop_with
        self.process: subprocess.Popen[bytes] | None = None
        self._asked = False

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it; what it says goes to its log. It ends when the calling thread does."""
        self._asked = False
        who: dict[str, Any] = {}
        if self.user is not None:
            who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.cwd, env=None if self.environment is None else dict(self.environment),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=_end_with_us, **who,
            )  # fmt: skip

    def wait_for(self, answers: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until it serves.

        Raises:
            StepFailed: with the end of its log, if it ends or does not serve in time.
        """
        deadline = time.monotonic() + seconds
        while not answers():
            if not self.runs or time.monotonic() > deadline:
                raise StepFailed(f"{self.name} does not serve:\n{self.said()}")
            time.sleep(0.05)

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def ask_to_stop(self) -> None:
        """Send the signal once, and do not wait: a second one would cut short what the first began."""
        if not self._asked and self.process is not None and self.process.poll() is None:
            self._asked = True
            self.process.send_signal(self.stop_with)

    def stop(self, seconds: float = 15) -> None:
        """End it in order; kill it if that takes too long."""
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(seconds)
            self._end_group()
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to all of it, as when the power fails."""
        if self.process is None:
            return
        self._end_group()
        self.process.wait(10)

    def _end_group(self) -> None:
        """Nothing of it stays: a child may hang that outlived its parent."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _end_with_us() -> None:
    """Also when we are killed, and nothing of ours runs any more."""
    _C.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on; all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def accepts(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
