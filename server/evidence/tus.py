"""tus 1.0, the state machine: creation, checksum, expiration, termination (`protocol.md` section 2).

It knows no web framework: headers come as text, a body as something to read from. An offset that is told is
the length of a file that was flushed, so it never goes back.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile

from server.evidence.arrival import Arrivals, refused
from server.evidence.images import KINDS
from server.evidence.refusals import Refused
from server.evidence.uploads import Upload
from server.failures import Failure

VERSION = "1.0.0"
EXTENSIONS = ("creation", "checksum", "expiration", "termination")
ALGORITHMS = ("sha1", "sha256")
SHA256 = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]{1,15}")
PIECE = 4 * 1024
"""Bytes read at once. What a connection that breaks or hangs has brought of the next piece is lost: of a
photo of 5 MB in 50 cuts that was 6 % with 16 kB, and 2 % with 4 kB."""
IN_MEMORY = 1024 * 1024


@dataclass(frozen=True)
class Quota:
    """What one user may have under way and send. Uploads that lay ``idle`` give way to new ones."""

    open_bytes: int = 400 * 1024 * 1024
    open_uploads: int = 300
    day_bytes: int = 4 * 1024 * 1024 * 1024
    life: timedelta = timedelta(days=7)
    idle: timedelta = timedelta(hours=1)
    sweep: timedelta = timedelta(hours=1)


@dataclass(frozen=True)
class Body:
    """A request's body: ``read(n)`` gives at most n bytes, and b"" at its end or when the connection broke;
    ``length`` as announced, ``None`` for a chunked one."""

    read: Callable[[int], bytes]
    length: int | None

    def pieces(self, most: int) -> Iterator[bytes]:
        """At most ``most`` bytes, piece by piece, as they arrive."""
        while most > 0:
            piece = self.read(min(PIECE, most))
            if not piece:
                return
            most -= len(piece)
            yield piece


class Tus:
    """Uploads of all users. Every method raises `Failure`; others' uploads are ``not_found``."""

    def __init__(
        self,
        arrivals: Arrivals,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        quota: Quota = Quota(),
    ) -> None:
        self.arrivals, self.uploads, self.register = arrivals, arrivals.uploads, arrivals.register
        self.now, self.new_id, self.quota = now, new_id, quota
        self._swept_at: datetime | None = None

    @property
    def most_bytes(self) -> int:
        """The longest upload that may be created."""
        return self.arrivals.examiner.limits.bytes

    def create(self, user: str, length: str | None, metadata: str | None) -> Upload:
        """A new upload of ``Upload-Length`` and ``Upload-Metadata`` (``sha256``, ``mime``).

        What this user had refused before is refused at once. What *others* sent is not looked at: a hash that
        was guessed must not tell whether anybody has those bytes (I17).
        """
        now = self.now()
        sha256, mime = _announced(metadata)
        size = _number(length, "upload_length")
        if size == 0:
            raise Failure("upload_length")
        if size > self.most_bytes:
            refusal = Refused("too_large", bytes=size, allowed=self.most_bytes)
            self.register.refuse(sha256, mime, user, refusal, False, now)
            raise Failure("blob_too_large", detail=refusal.detail)
        before = self.register.refusal(sha256, mime, user)
        if before is not None:
            raise refused(before)
        self._sweep(now)
        self._make_room(user, size, now)
        upload = Upload(self.new_id(), user, sha256, mime, size, metadata or "", now, now + self.quota.life)
        self.uploads.create(upload)
        return upload

    def look(self, user: str, id: str) -> tuple[Upload, int]:
        """The upload and its offset. One that is whole but unjudged (the machine stopped) is judged now."""
        upload = self._find(user, id)
        offset = self.uploads.offset(upload)
        if offset == upload.length:
            self.arrivals.judge(upload, self.now())
        return upload, offset

    def receive(
        self, user: str, id: str, at: str | None, checksum: str | None, body: Body
    ) -> tuple[Upload, int]:
        """Append a body at ``Upload-Offset``; the upload and its new offset.

        A body that breaks off keeps what arrived, unless it came with a checksum that now cannot be judged.
        """
        upload = self._find(user, id)
        start = _number(at, "upload_offset")
        if start != self.uploads.offset(upload):
            raise self._elsewhere(upload)
        room = upload.length - start
        if body.length is not None and body.length > room:
            raise Failure("blob_too_large", detail={"allowed": room})
        pieces = self._checked(checksum, body, room) if checksum else body.pieces(room)
        try:
            self._append(upload, start, pieces)
        finally:
            self.uploads.touch(upload, self.now())
        if body.length is None and body.read(1):
            raise Failure("blob_too_large", detail={"allowed": room})
        return self.look(user, id)

    def drop(self, user: str, id: str) -> None:
        """End an upload that its creator no longer wants."""
        self._end(self._find(user, id))

    def _end(self, upload: Upload) -> None:
        with self.uploads.judging(upload) as (current, _):
            if current.state == "open":
                self.uploads.finish(current, "gone")

    def _find(self, user: str, id: str) -> Upload:
        upload = self.uploads.find(user, id)
        if upload is None:
            raise Failure("not_found")
        if upload.state == "gone" or upload.expires_at <= self.now():
            raise Failure("upload_expired")
        return upload

    def _append(self, upload: Upload, at: int, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            if not self.uploads.append(upload, at, piece):  # its successor has gone on meanwhile
                raise self._elsewhere(upload)
            at += len(piece)

    def _elsewhere(self, upload: Upload) -> Failure:
        """Whoever asks again how far it got may go on: what arrives late is all that can have moved it."""
        return Failure("upload_offset", {"offset": self.uploads.offset(upload)}, headers={"Retry-After": "1"})

    def _checked(self, checksum: str, body: Body, room: int) -> Iterator[bytes]:
        """The body's pieces, once all of it is here and matches ``Upload-Checksum``."""
        algorithm, expected = _checksum(checksum)
        digest = hashlib.new(algorithm)
        with SpooledTemporaryFile(IN_MEMORY) as spool:
            for piece in body.pieces(room):
                digest.update(piece)
                spool.write(piece)
            if not hmac.compare_digest(digest.digest(), expected):
                raise Failure("upload_checksum")
            spool.seek(0)
            yield from iter(lambda: spool.read(PIECE), b"")

    def _make_room(self, user: str, size: int, now: datetime) -> None:
        day = self.register.sent_since(user, now - timedelta(days=1))
        if day + size > self.quota.day_bytes:
            raise Failure("upload_quota", {"day_bytes": day}, headers={"Retry-After": "3600"})
        under_way = list(self.uploads.open_of(user))
        while under_way and self._is_full([upload for _, upload in under_way], size):
            touched, oldest = under_way.pop(0)
            if touched + self.quota.idle > now:
                raise Failure("upload_quota", headers={"Retry-After": "60"})
            self._end(oldest)

    def _is_full(self, under_way: list[Upload], size: int) -> bool:
        used = sum(upload.length for upload in under_way)
        return used + size > self.quota.open_bytes or len(under_way) >= self.quota.open_uploads

    def _sweep(self, now: datetime) -> None:
        if self._swept_at is None or self._swept_at + self.quota.sweep <= now:
            self._swept_at = now
            self.uploads.sweep(now)


def _number(text: str | None, code: str) -> int:
    if text is None or not NUMBER.fullmatch(text):
        raise Failure(code)
    return int(text)


def _announced(metadata: str | None) -> tuple[str, str]:
    """``sha256`` (hex) and ``mime`` of ``Upload-Metadata``; other keys mean nothing here."""
    values: dict[str, str] = {}
    for pair in (metadata or "").split(","):
        key, _, encoded = pair.strip().partition(" ")
        try:
            values[key] = base64.b64decode(encoded.strip(), validate=True).decode()
        except ValueError as error:  # neither base64 nor UTF-8
            raise Failure("upload_metadata", detail={"key": key}) from error
    sha256, mime = values.get("sha256", ""), values.get("mime", "")
    if not SHA256.fullmatch(sha256):
        raise Failure("upload_metadata", detail={"key": "sha256"})
    if mime not in KINDS:
        raise Failure("upload_metadata", detail={"key": "mime"})
    return sha256, mime


def _checksum(header: str) -> tuple[str, bytes]:
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Failure("unreadable", {"Upload-Checksum": "algorithm must be one of " + ", ".join(ALGORITHMS)})
    try:
        return algorithm, base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise Failure("unreadable", {"Upload-Checksum": "not base64"}) from error
