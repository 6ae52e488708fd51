"""What happens when an upload is whole: hashed, examined, taken in or refused (`protocol.md` section 6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from server.evidence.images import Examined, Examiner
from server.evidence.ports import BlobRegister, BlobStore, Refusal
from server.evidence.refusals import Refused, words
from server.evidence.uploads import Upload, Uploads
from server.failures import Failure

THUMB = "thumb"


class Arrivals:
    """Judges whole uploads. Nothing here takes the lock of a space; a blob needs one short transaction."""

    def __init__(
        self,
        uploads: Uploads,
        blobs: BlobStore,
        register: BlobRegister,
        examiner: Examiner,
        arrived: Callable[[str], None] = lambda sha256: None,
    ) -> None:
        """``arrived`` is told the hash of each blob whose fate has just become known."""
        self.uploads, self.blobs, self.register = uploads, blobs, register
        self.examiner, self.arrived = examiner, arrived

    def judge(self, upload: Upload, now: datetime) -> None:
        """Take in a whole upload. Asked again, it answers the same.

        Raises `Failure`: ``blob_mismatch`` if the bytes are not those announced (they are dropped),
        ``blob_refused`` if they are no image that may be taken in, ``upload_expired`` if dropped before.
        """
        with self.uploads.judging(upload) as (current, path):
            if current.state == "done" and self.register.held(upload.sha256) is not None:
                return
            # Done, and not held: the database is that of a backup. Its creator sends the bytes once more.
            if current.state != "open":
                raise Failure("upload_expired")
            self._judge(current, path, now)
        self.arrived(upload.sha256)

    def thumb(self, sha256: str) -> BinaryIO | None:
        """The thumbnail of a held blob, made now if it is missing; ``None`` if the original is not here."""
        found = self.blobs.open_derivative(sha256, THUMB)
        if found is not None:
            return found
        original = self.blobs.open(sha256)
        if original is None:
            return None
        with original:
            made = self.examiner.thumb_of(original)
        with suppress(OSError):  # without room for it, it is made anew for whoever asks next
            self.blobs.put_derivative(sha256, THUMB, made)
        return BytesIO(made)

    def _judge(self, upload: Upload, path: Path, now: datetime) -> None:
        if _sha256(path) != upload.sha256:
            self.uploads.finish(upload, "gone")
            raise Failure("blob_mismatch", detail={"announced": upload.sha256})
        known = self.register.held(upload.sha256)
        if known is not None and known.mime == upload.mime:
            self._note(upload, known.mime, (known.width, known.height), now)
            self.register.note_sender(upload.sha256, upload.user, known.bytes, now)
        else:
            self._take_in(upload, path, now)
        # Last: if the machine stops before this line, the next look at the upload judges it again.
        self.uploads.finish(upload, "done")

    def _take_in(self, upload: Upload, path: Path, now: datetime) -> None:
        try:
            image = self._examine(upload, path)
        except Refused as refusal:
            self.register.refuse(upload.sha256, upload.mime, upload.user, refusal, True, now)
            self.uploads.finish(upload, "gone")
            self.arrived(upload.sha256)
            raise refused(refusal) from refusal
        self.blobs.put(upload.sha256, path)
        self.blobs.put_derivative(upload.sha256, THUMB, image.thumb)
        pixels = (image.width, image.height)
        self._note(upload, image.mime, pixels, now)
        self.register.hold(upload.sha256, image.mime, upload.length, pixels, upload.user, now)

    def _note(self, upload: Upload, mime: str, pixels: tuple[int, int], now: datetime) -> None:
        facts = {"mime": mime, "bytes": upload.length, "width": pixels[0], "height": pixels[1]}
        text = json.dumps({**facts, "sent_at": now.isoformat(timespec="milliseconds")})
        self.blobs.note_sender(upload.sha256, upload.user, text.encode())

    def _examine(self, upload: Upload, path: Path) -> Examined:
        """Bytes that were refused before, from whomever, are not unfolded a second time."""
        before = self.register.refusal(upload.sha256, upload.mime, None)
        if before is not None:
            raise Refused(before.code, **before.detail)
        return self.examiner.examine(path, upload.mime)


def refused(refusal: Refusal) -> Failure:
    """The refusal of a blob as an answer: its code, its words in both languages, its figures."""
    said = words(refusal.code)
    detail = {"reason": said.code, "message": said.message, "message_en": said.message_en}
    return Failure("blob_refused", detail={**detail, **refusal.detail})


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
