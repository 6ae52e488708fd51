"""What evidence needs from outside: where bytes live, and what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


class BlobStore(Protocol):
    """Content-addressed bytes: a local folder, or S3-compatible storage."""

    def put(self, sha256: str, source: Path) -> None:
        """Take in the bytes of a file; durable on return, the file stays."""
        ...

    def open(self, sha256: str) -> BinaryIO | None:
        """The original's bytes, or ``None``."""
        ...

    def note_sender(self, sha256: str, sender: str, facts: bytes) -> None:
        """Note beside the bytes who sent them and what they were found to be; durable on return.

        The register says so too, but it goes back when the database is restored, and bytes never do.
        """
        ...

    def put_derivative(self, sha256: str, name: str, data: bytes) -> None:
        """Store what was made from an original."""
        ...

    def open_derivative(self, sha256: str, name: str) -> BinaryIO | None:
        """A derivative's bytes, or ``None`` if it has to be made."""
        ...


class HeldBlob(Protocol):
    """A blob that the server holds and has hashed itself; ``mime`` is what it was found to be."""

    @property
    def mime(self) -> str: ...

    @property
    def bytes(self) -> int: ...

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...


class Refusal(Protocol):
    """Why bytes were refused: a code of `refusals.REASONS` and the figures behind it."""

    @property
    def code(self) -> str: ...

    @property
    def detail(self) -> Mapping[str, str | int]: ...


class BlobRegister(Protocol):
    """What is known about blobs, and who sent which bytes. Every note is durable on return."""

    def held(self, sha256: str) -> HeldBlob | None:
        """What is known of a blob, if the server holds it."""
        ...

    def hold(
        self, sha256: str, mime: str, size: int, pixels: tuple[int, int], sender: str, now: datetime
    ) -> None:
        """Note that a blob is held and that ``sender`` sent it; refusals of it are lifted."""
        ...

    def note_sender(self, sha256: str, sender: str, size: int, now: datetime) -> None:
        """Note that ``sender`` sent the bytes of a blob that is held already."""
        ...

    def refuse(
        self, sha256: str, mime: str, sender: str, refusal: Refusal, verified: bool, now: datetime
    ) -> None:
        """Remember a refusal of bytes declared as ``mime``; ``verified``: hashed here, not only announced."""
        ...

    def refusal(self, sha256: str, mime: str, sender: str | None) -> Refusal | None:
        """The refusal of what this user announces; with ``None`` that of bytes which were hashed here."""
        ...

    def sent_since(self, user: str, since: datetime) -> int:
        """Bytes of the blobs that this user first sent since then."""
        ...
