"""The real command over a data folder, in processes of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

from server.config import ROOT


def free_port() -> int:
    """A port of this machine on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Served:
    """The real command over a data folder; killed and started again."""

    def __init__(
        self, data: Path, database_url: str = "", program: str = "server.cli", *, demo: bool = False
    ) -> None:
        """``program``: the module to run, with its first arguments."""
        self.data, self.database_url, self.program, self.demo = data, database_url, program, demo
        self.device_limit = ""
        """Tests ask as fast as they can, unless they are about that."""
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/api/v1"
        self.log = data.parent / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve, and wait until it answers."""
        environment = {
            **os.environ, "ROUNDS_DATA": str(self.data), "ROUNDS_PORT": str(self.port),
            "ROUNDS_DATABASE_URL": self.database_url, "ROUNDS_DEMO": "1" if self.demo else "0",
            "ROUNDS_DEVICE_LIMIT": self.device_limit,
        }  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.program.split(), "serve"],
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait_until_up()

    def wait_until_up(self) -> None:
        """Until it answers; fails with its log if it does not within half a minute."""
        for _ in range(300):
            try:
                requests.get(f"{self.address}/health", timeout=1)
                return
            except requests.RequestException:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def processes(self) -> list[int]:
        """The ids of all of its processes."""
        assert self.process is not None
        found = [self.process.pid]
        for pid in found:
            found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found

    def stop(self) -> float:
        """SIGTERM, as an administrator would; how many seconds it took to end."""
        assert self.process is not None
        started = time.monotonic()
        self.process.terminate()
        self.process.wait(30)
        return time.monotonic() - started

    def kill(self) -> None:
        """SIGKILL to the whole process group, as when the power fails."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
