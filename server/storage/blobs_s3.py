"""Blobs in an S3-compatible store, for where one machine is not enough (`protocol.md` section 6).

The names are those of the local folder, so that a folder can be copied into a bucket and back as it is.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from server.failures import Failure
from server.storage.blobs import SHA256

log = logging.getLogger("rounds")

SCHEME = "s3://"
PIECE = 1024 * 1024
"""Bytes that are fetched at once: a photo at its usual size is one request."""

_SETTINGS = {"endpoint", "region", "virtual_hosted_style_request"}
_RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}


def s3_store(url: str, environment: Mapping[str, str] = os.environ) -> S3Store:
    """The store of ``s3://bucket/prefix?endpoint=http://host:port&region=…``.

    Credentials are never part of the address: they come from ``AWS_ACCESS_KEY_ID`` and its fellows.

    Raises:
        ValueError: in words for whoever set it up.
    """
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    unknown = sorted(set(given) - _SETTINGS)
    if not parts.netloc or "@" in parts.netloc or unknown:
        raise ValueError(
            "ROUNDS_BLOBS_URL must be like s3://bucket/prefix?endpoint=https://host&region=name, with the "
            f"credentials in the environment{', not ' + ', '.join(unknown) if unknown else ''}"
        )
    config: Any = {"region": "us-east-1", **given}
    for name in ("access_key_id", "secret_access_key", "session_token"):
        value = environment.get(f"AWS_{name.upper()}")
        if value:
            config[name] = value
    plain = given.get("endpoint", "").startswith("http://")
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={"allow_http": plain, "timeout": timedelta(seconds=30)},
        retry_config=_RETRIES,
    )


class S3Blobs:
    """The blob port over a bucket. A store that cannot be reached is ``busy``: devices come again."""

    def __init__(self, store: S3Store) -> None:
        self.store = store

    def check(self) -> None:
        """Make sure that the bucket is there and may be read.

        Raises:
            ValueError: in words for whoever set it up.
        """
        try:
            next(iter(obstore.list(self.store, "blobs", chunk_size=1)), None)
        except (BaseError, FileNotFoundError) as error:
            said = str(error).split("\n\n")[0]
            raise ValueError(f"ROUNDS_BLOBS_URL: the bucket cannot be read: {said}") from error

    def put(self, sha256: str, source: Path) -> None:
        """Take in the bytes of ``source`` as ``sha256``; on return the store gives back those very bytes.

        They are read back and hashed: a device deletes its only copy because we say that we hold them. What
        is there already is written again, which costs little and mends what somebody spoilt.
        """
        path, kept = _path("blobs", sha256), hashlib.sha256()
        with source.open("rb") as file, _reached():
            obstore.put(self.store, path, file, use_multipart=False)
            for chunk in obstore.get(self.store, path).stream(min_chunk_size=PIECE):
                kept.update(chunk)
        if kept.hexdigest() != sha256:
            log.error("the blob store gave back other bytes than it was given: %s", path)
            raise Failure("busy")

    def open(self, sha256: str) -> BinaryIO | None:
        """The original's bytes, or ``None``."""
        return self._open(_path("blobs", sha256))

    def note_sender(self, sha256: str, sender: str, facts: bytes) -> None:
        """Note who sent the bytes, and what they are; durable on return."""
        with _reached():
            obstore.put(self.store, _path("senders", sha256, f".{sender}"), facts, use_multipart=False)

    def noted(self) -> Iterator[tuple[str, str]]:
        """Hash and sender of each note; read from the list of names alone."""
        with _reached():
            for page in obstore.list(self.store, "senders"):
                for found in page:
                    name, _, sender = "".join(found["path"].split("/")[-2:]).partition(".")
                    if SHA256.fullmatch(name):
                        yield name, sender

    def facts(self, sha256: str, sender: str) -> bytes:
        """What a note says; it must be there."""
        with _reached():
            return bytes(obstore.get(self.store, _path("senders", sha256, f".{sender}")).bytes())

    def put_derivative(self, sha256: str, name: str, data: bytes) -> None:
        """Store what was made from an original, beside it and never in its place."""
        with _reached():
            obstore.put(self.store, _path("derivatives", sha256, f".{name}"), data, use_multipart=False)

    def open_derivative(self, sha256: str, name: str) -> BinaryIO | None:
        """A derivative's bytes, or ``None`` if it has to be made."""
        return self._open(_path("derivatives", sha256, f".{name}"))

    def names(self) -> Iterator[tuple[str, int]]:
        """The hash and the bytes of every original, sorted by hash; held or not yet noted."""
        with _reached():
            for page in obstore.list(self.store, "blobs"):
                for found in page:
                    name = "".join(found["path"].split("/")[-2:])
                    if SHA256.fullmatch(name):
                        yield name, found["size"]

    def _open(self, path: str) -> BinaryIO | None:
        try:
            with _reached():
                return io.BufferedReader(_Piecewise(self.store, path), PIECE)
        except _Missing:
            return None


class _Piecewise(io.RawIOBase):
    """An object that is read in ranges, so that one of any size needs little memory and may be sought in.

    Its bytes never change, so pieces that were fetched at different times fit together.
    """

    def __init__(self, store: S3Store, path: str) -> None:
        self._store, self._path, self._at = store, path, 0
        first = obstore.get(store, path, options={"range": (0, PIECE)})
        self._size = int(first.meta["size"])
        self._piece, self._piece_at = bytes(first.bytes()), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        inside = self._at - self._piece_at
        if not 0 <= inside < len(self._piece):
            end = min(self._at + PIECE, self._size)
            with _reached():
                fetched = obstore.get_range(self._store, self._path, start=self._at, end=end)
            self._piece, self._piece_at, inside = bytes(fetched), self._at, 0
        given = self._piece[inside : inside + wanted]
        buffer[: len(given)] = given
        self._at += len(given)
        return len(given)


class _Missing(Failure):
    """There is no such object, or no such bucket."""


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise _Missing("busy") from error
    except BaseError as error:
        log.warning("the blob store cannot take it now: %s", str(error)[:400])
        raise Failure("busy") from error


def _path(folder: str, sha256: str, ending: str = "") -> str:
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hex")
    return f"{folder}/{sha256[:2]}/{sha256[2:]}{ending}"
