"""The whole path of an upload over a real folder and a real database, with a clock that the test turns."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from server.evidence.arrival import Arrivals
from server.evidence.images import Examiner, Limits
from server.evidence.tus import Body, Quota, Tus
from server.evidence.uploads import Upload, Uploads
from server.storage.blobs import LocalBlobs
from server.storage.blobs_models import BLOB_MODELS
from server.storage.blobs_register import BlobRegister
from server.storage.database import open_database

HE_GUILAN = "01930003-0000-7000-8000-000000000003"
TANG_ZHIQIANG = "01930009-0000-7000-8000-000000000009"
MORNING = datetime.fromisoformat("2026-11-23T09:12:33+08:00")


class Desk:
    """One server process over a data folder; a second one over the same folder is a restart."""

    def __init__(self, data: Path, *, limits: Limits = Limits(), quota: Quota = Quota()) -> None:  # noqa: B008
        self.moment = MORNING
        self.database = open_database("", data)
        self.database.peewee.connect(reuse_if_open=True)
        with self.database.peewee.bind_ctx(BLOB_MODELS):
            self.database.peewee.create_tables(BLOB_MODELS)
        self.uploads, self.blobs = Uploads(data / "uploads"), LocalBlobs(data)
        self.register = BlobRegister(self.database)
        self.arrived: list[str] = []
        self.examiner = Examiner(limits)
        self.arrivals = Arrivals(self.uploads, self.blobs, self.register, self.examiner, self.arrived.append)
        self._made = len(list((data / "uploads").glob("*/*.json")))
        self.tus = Tus(self.arrivals, lambda: self.moment, self._new_id, quota)

    def _new_id(self) -> str:
        self._made += 1
        return f"0193{self._made:04d}-0000-7000-8000-000000000000"

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)

    def announce(self, data: bytes, mime: str = "image/jpeg", user: str = HE_GUILAN) -> Upload:
        """Create an upload for these bytes."""
        return self.tus.create(user, str(len(data)), metadata(sha256(data), mime))

    def send(self, data: bytes, mime: str = "image/jpeg", user: str = HE_GUILAN) -> Upload:
        """Create an upload and send all of it at once."""
        upload = self.announce(data, mime, user)
        return self.tus.receive(user, upload.id, "0", None, body(data))[0]

    def close(self) -> None:
        self.database.close()


def sha256(data: bytes) -> str:
    """The name of these bytes."""
    return hashlib.sha256(data).hexdigest()


def metadata(sha256: str, mime: str) -> str:
    """An ``Upload-Metadata`` header."""
    pairs = {"sha256": sha256, "mime": mime}
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def checksum(data: bytes, algorithm: str = "sha256") -> str:
    """An ``Upload-Checksum`` header."""
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def body(data: bytes, length: int | None = -1) -> Body:
    """A body that brings ``data`` and ends; ``length`` as announced, by default the true one."""
    return Body(BytesIO(data).read, len(data) if length == -1 else length)


def slow_body(data: bytes, length: int, meanwhile: Callable[[], None]) -> Body:
    """A body during whose first piece something else happens."""
    stream, waiting = BytesIO(data), [meanwhile]

    def read(most: int) -> bytes:
        piece = stream.read(most)
        if waiting:
            waiting.pop()()
        return piece

    return Body(read, length)
