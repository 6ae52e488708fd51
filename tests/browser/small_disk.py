"""A real disk of a few megabytes for a browser's profile, which a story can fill to the last byte."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

NEEDS = "this story fills up a disk of its own: run it as root, in a container with CAP_SYS_ADMIN"


class SmallDisk:
    """A tmpfs at ``folder``; `fill` leaves no byte free, `clear` takes all back that `fill` took."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.filler = folder, folder / "filler"
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        answer = subprocess.run(mount, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise RuntimeError(f"{NEEDS} ({answer.stderr.strip()})")

    def free(self) -> int:
        """Bytes that are left."""
        facts = os.statvfs(self.folder)
        return facts.f_bavail * facts.f_frsize

    def fill(self) -> None:
        """As other apps do: in large pieces first, then whatever still fits."""
        with self.filler.open("ab", buffering=0) as filler:
            size = 1 << 20
            while size >= 512:
                try:
                    filler.write(bytes(size))
                except OSError:
                    size //= 2

    def clear(self) -> None:
        self.filler.unlink()

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
