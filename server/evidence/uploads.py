"""Uploads in flight: two files each below the folder of their creator (`protocol.md` section 2, tus).

``<user>/<id>.json`` says what was announced, ``<id>.bin`` holds what arrived. Files and not rows: no upload
ever waits for the database's writer, and the offset is the length of a file, so it survives any restart.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

UPLOAD_ID = re.compile(r"[0-9a-f-]{16,64}")


@dataclass(frozen=True)
class Upload:
    """What its creator announced, ``metadata`` as he wrote it.

    ``state``: ``open``, ``done`` (held) or ``gone`` (refused, dropped).
    """

    id: str
    user: str
    sha256: str
    mime: str
    length: int
    metadata: str
    created_at: datetime
    expires_at: datetime
    state: str = "open"


class Uploads:
    """Uploads below one folder; the lock of an upload is held for single writes, never across the network,
    so a connection that hangs cannot keep its successor out."""

    def __init__(self, root: Path, *, memory: timedelta = timedelta(days=7)) -> None:
        """``memory``: how long after its end an upload still answers 410 and not 404."""
        self.root, self.memory = root, memory

    def create(self, upload: Upload) -> None:
        """Durable on return; nothing stays of it where there is no room for it."""
        (self.root / upload.user).mkdir(parents=True, exist_ok=True)
        self._bin(upload).touch(exist_ok=False)
        try:
            self.touch(upload, upload.created_at)
            self._note(upload)
        except OSError:
            self._bin(upload).unlink(missing_ok=True)
            raise

    def find(self, user: str, id: str) -> Upload | None:
        """An upload of this user; others' are as unknown as those that never were."""
        if not UPLOAD_ID.fullmatch(id):
            return None
        return _read(self.root / user / f"{id}.json")

    def offset(self, upload: Upload) -> int:
        """How many bytes are here, flushed to the disk; all of them once the upload is no longer open."""
        with self._locked(upload) as file:
            if file is None:
                return upload.length
            os.fsync(file.fileno())
            return os.fstat(file.fileno()).st_size

    def append(self, upload: Upload, at: int, data: bytes) -> bool:
        """Write ``data`` at ``at``; ``False``, and nothing written, if the upload does not end there now."""
        with self._locked(upload) as file:
            if file is None or os.fstat(file.fileno()).st_size != at:
                return False
            file.seek(at)
            file.write(data)
            return True

    def touch(self, upload: Upload, now: datetime) -> None:
        """Note that its creator was at work on it."""
        with suppress(FileNotFoundError):
            os.utime(self._bin(upload), (now.timestamp(), now.timestamp()))

    @contextmanager
    def judging(self, upload: Upload) -> Iterator[tuple[Upload, Path]]:
        """The upload as it is now and the path of its bytes, for one judge at a time."""
        with self._locked(upload) as file:
            current = self.find(upload.user, upload.id)
            if current is None or (file is None and current.state == "open"):
                current = replace(upload, state="gone")
            yield current, self._bin(upload)

    def finish(self, upload: Upload, state: str) -> None:
        """``done`` or ``gone``: the bytes leave, the answer stays until the upload's memory ends.

        What is given up leaves first, so that it makes the room for its note on a full disk; should the
        machine stop in between, an open upload without its file counts as ``gone``.
        """
        if state == "gone":
            with suppress(FileNotFoundError):
                os.truncate(self._bin(upload), 0)  # whoever has it open keeps no room by that
            self._bin(upload).unlink(missing_ok=True)
        self._note(replace(upload, state=state))
        self._bin(upload).unlink(missing_ok=True)

    def open_of(self, user: str) -> list[tuple[datetime, Upload]]:
        """A user's open uploads with the moment each was last touched, the oldest first."""
        found = []
        for path in (self.root / user).glob("*.json"):
            upload = _read(path)
            if upload is not None and upload.state == "open" and self._bin(upload).exists():
                touched = datetime.fromtimestamp(self._bin(upload).stat().st_mtime, upload.created_at.tzinfo)
                found.append((touched, upload))
        return sorted(found, key=lambda entry: entry[0])

    def sweep(self, now: datetime) -> int:
        """Drop the bytes of what has expired, later its memory; how many uploads expired."""
        expired = 0
        for path in self.root.glob("*/*.json"):
            upload = _read(path)
            if upload is None or upload.expires_at > now:
                continue
            if upload.state == "open":
                self.finish(upload, "gone")
                expired += 1
            elif upload.expires_at + self.memory <= now:
                path.with_suffix(".bin").unlink(missing_ok=True)
                path.unlink(missing_ok=True)
        return expired

    @contextmanager
    def _locked(self, upload: Upload) -> Iterator[BinaryIO | None]:
        """The open file for one at a time, also between processes; ``None`` once its bytes have left."""
        try:
            file = self._bin(upload).open("r+b")
        except FileNotFoundError:
            yield None
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def _note(self, upload: Upload) -> None:
        path = self.root / upload.user / f"{upload.id}.json"
        temporary = path.with_suffix(".new")
        try:
            temporary.write_text(json.dumps(asdict(upload), default=datetime.isoformat), encoding="utf-8")
            _flush(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _flush(path.parent)

    def _bin(self, upload: Upload) -> Path:
        return self.root / upload.user / f"{upload.id}.bin"


def _read(path: Path) -> Upload | None:
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    for name in ("created_at", "expires_at"):
        noted[name] = datetime.fromisoformat(noted[name])
    return Upload(**noted)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
