"""Furnished databases to copy: what every house begins with is made once per run of the tests."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

FILE = "rounds.sqlite3"


@cache
def _folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="rounds-shelf-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def take(name: str, data: Path) -> None:
    """Copy what was put away under a name into a data folder, if anything was."""
    kept = _folder() / name
    if kept.exists():
        shutil.copyfile(kept, data / FILE)


def put_away(name: str, data: Path) -> None:
    """Keep the database of a data folder as it is now, unless there is one of this name."""
    kept = _folder() / name
    if not kept.exists():
        with closing(sqlite3.connect(data / FILE)) as live, closing(sqlite3.connect(kept)) as copy:
            live.backup(copy)
