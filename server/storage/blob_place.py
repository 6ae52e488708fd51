"""Where blobs live, as the settings say (`ROUNDS_BLOBS_URL`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from server.storage.blobs import LocalBlobs
from server.storage.blobs_s3 import SCHEME, S3Blobs, s3_store


class Blobs(Protocol):
    """Content-addressed bytes that can also be listed; see `server.evidence.ports.BlobStore`."""

    def check(self) -> None:
        """Raises ``ValueError``, in words for whoever set it up, if nothing could be kept there."""
        ...

    def put(self, sha256: str, source: Path) -> None: ...
    def open(self, sha256: str) -> BinaryIO | None: ...
    def note_sender(self, sha256: str, sender: str, facts: bytes) -> None: ...
    def put_derivative(self, sha256: str, name: str, data: bytes) -> None: ...
    def open_derivative(self, sha256: str, name: str) -> BinaryIO | None: ...

    def names(self) -> Iterator[tuple[str, int]]:
        """The hash and the bytes of every original, sorted by hash."""
        ...

    def noted(self) -> Iterator[tuple[str, str]]:
        """Hash and sender of each note."""
        ...

    def facts(self, sha256: str, sender: str) -> bytes:
        """What a note says, as JSON."""
        ...


def open_blobs(url: str, data: Path) -> Blobs:
    """The place that the settings name: below the data folder unless an address says otherwise.

    Raises:
        ValueError: for an address that cannot be understood.
    """
    if not url:
        return LocalBlobs(data)
    if url.startswith(SCHEME):
        return S3Blobs(s3_store(url))
    raise ValueError(f"ROUNDS_BLOBS_URL: {url.split(':')[0]} is not served by this version")
