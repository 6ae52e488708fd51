"""Disks without room: a small file system of its own where we may mount one, else a limit of the process.

Both can be filled and freed while the server runs. A limit on the size of files (RLIMIT_FSIZE) needs no
rights, and makes every write fail that a full disk would.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

from tests.served import Served


class Disk(Protocol):
    """What a server writes to."""

    def fill(self, leave: int = 0) -> None:
        """No more than ``leave`` bytes can be written from now on."""
        ...

    def free(self) -> None:
        """There is room again."""
        ...


class SmallDisk:
    """A file system in memory, mounted over a folder."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self, leave: int = 0) -> None:
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                file.truncate(max(0, file.tell() - leave))

    def free(self) -> None:
        self._filler.unlink()


class ShortFiles:
    """A server that may not write beyond the first bytes of any file."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def fill(self, leave: int = 0) -> None:
        self._limit(1024)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, most: int) -> None:
        for pid in self._served.processes():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


@cache
def may_mount() -> bool:
    """Whether this user may mount a file system here."""
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() or not shutil.which("mount") or not _mount(Path(folder), 1):
            return False
        subprocess.run(["umount", folder], check=True)
        return True


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount one over a folder; what is in the folder is on it, and gone with it."""
    inside = list(folder.iterdir()) if folder.exists() else []
    with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
        for path in inside:
            shutil.move(path, aside)
        folder.mkdir(exist_ok=True)
        assert _mount(folder, megabytes)
        for path in Path(aside).iterdir():
            shutil.move(path, folder)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _mount(folder: Path, megabytes: int) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "rounds-tests", str(folder)]
    return subprocess.run(mount, capture_output=True, check=False).returncode == 0
