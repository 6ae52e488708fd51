"""Blobs in a local folder, named by the SHA-256 of their bytes (`protocol.md` section 6).

``blobs/ab/cdef…`` holds originals, which nothing ever rewrites; ``derivatives/ab/cdef….<name>`` holds what
can be made again; ``senders/ab/cdef….<user>`` says who sent the bytes and what they are. A file that has its
final name is whole and flushed, and so is the folder that names it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

SHA256 = re.compile(r"[0-9a-f]{64}")


class LocalBlobs:
    """The blob port over a folder. Safe between threads and processes: every write ends in one rename."""

    def __init__(self, root: Path) -> None:
        self.originals, self.derivatives, self.senders = (
            root / name for name in ("blobs", "derivatives", "senders")
        )

    def check(self) -> None:
        """A folder is made when it is needed."""

    def put(self, sha256: str, source: Path) -> None:
        """Take in the bytes of ``source`` as ``sha256``; durable on return. The caller has hashed them.

        ``source`` stays: whoever called removes it once he has noted that the blob is held.
        """
        _place(_path(self.originals, sha256), lambda temporary: _link_or_copy(source, temporary))

    def open(self, sha256: str) -> BinaryIO | None:
        """The original's bytes, or ``None``."""
        return _open(_path(self.originals, sha256))

    def note_sender(self, sha256: str, sender: str, facts: bytes) -> None:
        """Note who sent the bytes, and what they are; durable on return. What was noted first stays."""
        _place(_path(self.senders, sha256, f".{sender}"), lambda temporary: temporary.write_bytes(facts))

    def noted(self) -> Iterator[tuple[str, str]]:
        """Hash and sender of each note."""
        for path in sorted(self.senders.glob("[0-9a-f][0-9a-f]/*.*")):
            rest, _, sender = path.name.partition(".")
            if SHA256.fullmatch(path.parent.name + rest):
                yield path.parent.name + rest, sender

    def facts(self, sha256: str, sender: str) -> bytes:
        """What a note says; it must be there."""
        return _path(self.senders, sha256, f".{sender}").read_bytes()

    def put_derivative(self, sha256: str, name: str, data: bytes) -> None:
        """Store what was made from an original, beside it and never in its place."""
        _place(_path(self.derivatives, sha256, f".{name}"), lambda temporary: temporary.write_bytes(data))

    def open_derivative(self, sha256: str, name: str) -> BinaryIO | None:
        """A derivative's bytes, or ``None`` if it has to be made."""
        return _open(_path(self.derivatives, sha256, f".{name}"))

    def names(self) -> Iterator[tuple[str, int]]:
        """The hash and the bytes of every original, sorted by hash; held or not yet noted."""
        for path in sorted(self.originals.glob("[0-9a-f][0-9a-f]/*")):
            name = path.parent.name + path.name
            if SHA256.fullmatch(name):
                yield name, path.stat().st_size


def _path(folder: Path, sha256: str, ending: str = "") -> Path:
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hex")
    return folder / sha256[:2] / (sha256[2:] + ending)


def _open(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _place(target: Path, fill: Callable[[Path], object]) -> None:
    make_folder(target.parent)
    if not target.exists():
        handle, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            fill(temporary)
            flush(temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    # Also when it was there already: whoever renamed it may not have come to this line yet.
    flush(target.parent)


def _link_or_copy(source: Path, temporary: Path) -> None:
    temporary.unlink()
    try:
        os.link(source, temporary)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, temporary)


def make_folder(folder: Path) -> None:
    """Make a folder and flush the names that lead to it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    flush(folder.parent)


def flush(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
