"""The Node process in which real clients run, each on a disk of its own, and the orders that they take."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any

from server.config import ROOT

PWA = ROOT / "pwa"
BUNDLE = PWA / "node_modules" / ".tmp" / "simulation" / "main.js"
_BIN = ROOT / ".venv" / "bin"
PATIENCE = 60
"""Seconds until an order that is not answered counts as a failure, unless told."""


@cache
def bundle() -> Path:
    """The client in one file, built anew in every run: about a second."""
    command: list[str | Path] = [
        _BIN / "npx",
        "vite",
        "build",
        "--config",
        "tests/simulation/bundle.config.ts",
    ]
    environment = {**os.environ, "PATH": f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        command, cwd=PWA, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return BUNDLE


class Tablets:
    """One process of real clients. `order` returns at once; its future holds the answer."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("ab")
        self.process = subprocess.Popen(
            [_BIN / "node", "--enable-source-maps", bundle()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, bufsize=1,
        )  # fmt: skip
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._guard = threading.Lock()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def order(self, tablet: str, do: str, **more: Any) -> Future[Any]:
        """Have a tablet do something."""
        answer: Future[Any] = Future()
        with self._guard:
            number = next(self._numbers)
            self._waiting[number] = answer
            assert self.process.stdin is not None
            self.process.stdin.write(json.dumps({"id": number, "tablet": tablet, "do": do, **more}) + "\n")
        return answer

    def do(self, tablet: str, do: str, *, patience: float = PATIENCE, **more: Any) -> Any:
        """Have a tablet do something, and wait for it."""
        return self.order(tablet, do, **more).result(patience)

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait(10)
            self._listener.join(10)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self._log.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answered(json.loads(line))
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(RuntimeError("the clients' process has ended"))

    def _answered(self, told: Mapping[str, Any]) -> None:
        answer = self._waiting.pop(told["id"])
        if "error" in told:
            answer.set_exception(RuntimeError(told["error"]))
        else:
            answer.set_result(told["value"])
