"""The bytes of every photo: still those whose hash is their name (`protocol.md` section 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import BinaryIO

from server.verify.ports import HeldPhoto, Originals, StoredRecord
from server.verify.problems import Figures, Problem

_PIECE = 1024 * 1024


def check_photo(
    photo: HeldPhoto, originals: Originals, records: Mapping[str, StoredRecord], figures: Figures
) -> Iterator[Problem]:
    """A held blob whose file is missing or holds other bytes; records that describe it wrongly."""
    file = f"blobs/{photo.sha256[:2]}/{photo.sha256[2:]}"
    uses = photo.uses or [("", "", "")]
    stream = originals.open(photo.sha256)
    if stream is None:
        yield from (_wrong("photo_missing", use, file) for use in uses)
        return
    with stream:
        found, size = _hashed(stream)
    figures.bytes += size
    if found != photo.sha256:
        yield from (_wrong("photo_swapped", use, file, f"sha256 {found}") for use in uses)
    elif size != photo.bytes:
        yield from (_wrong("photo_register", use, file, f"{photo.bytes} ≠ {size}") for use in uses)
    for ident, space, author in photo.uses:
        stored = records.get(ident)
        if stored is None or stored.record is None:
            continue
        for field, held in (("mime", photo.mime), ("bytes", photo.bytes), ("sha256", photo.sha256)):
            said = stored.record.data.get(field)
            if said != held:
                yield Problem(
                    "photo_described", space, stored.record.seq, stored.record.last_change, ident, "photo",
                    field, (author,), file, f"{held} ≠ {said}",
                )  # fmt: skip


def _wrong(code: str, use: tuple[str, str, str], file: str, detail: str = "") -> Problem:
    record, space, author = use
    people = (author,) if author else ()
    return Problem(code, space, None, "", record, "photo", people=people, file=file, detail=detail)


def _hashed(stream: BinaryIO) -> tuple[str, int]:
    digest, size = sha256(), 0
    while piece := stream.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
