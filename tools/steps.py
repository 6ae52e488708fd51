"""What the commands behind make share: where things are, running a step, and saying so.

Standard library only, because set-up runs before anything is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
PWA = ROOT / "pwa"


class StepFailed(Exception):
    """A step ended badly; the message says which and what it printed."""


def environment(**more: str) -> dict[str, str]:
    """The environment for our tools: the checkout's own Python and Node come first."""
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}", **more}


def say(text: str) -> None:
    """Print one line at once, also when the output is a pipe."""
    print(text, flush=True)


def loudly(command: Sequence[str | Path], *, cwd: Path = ROOT, **more: str) -> int:
    """Run a command whose output the reader wants to see; return its exit status."""
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment(**more), check=False
    ).returncode


def quietly(command: Sequence[str | Path], *, cwd: Path = ROOT, **more: str) -> None:
    """Run a command whose output matters only when it fails.

    Raises:
        StepFailed: with everything it printed.
    """
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=environment(NO_COLOR="1", **more), check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise StepFailed(f"{' '.join(map(str, command))}\n{done.stdout}")


@contextmanager
def announced(what: str) -> Iterator[None]:
    """Say what is being done before it is done, and how long it took after."""
    started = time.monotonic()
    sys.stdout.write(f"» {what} … ")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - started:.1f} s")
