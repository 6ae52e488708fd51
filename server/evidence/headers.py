"""The first bytes of an image: what it claims to be, and for WebP how large, before any decoder is made.

Pillow reads the size of JPEG, PNG and HEIC lazily; for WebP it makes the decoder first, which asks for two
canvases of memory.
"""

from __future__ import annotations

HEAD = 64  # bytes that are enough to tell
# Brands of ISO BMFF files whose pictures are HEVC-coded (ISO/IEC 23008-12); neither AVIF nor video.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"hevc", b"hevx")


def kind_of(head: bytes) -> str | None:
    """The kind that these first bytes belong to, ``None`` if to none that a photo may have."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return "image/heic"
    return None


def webp_size(head: bytes) -> tuple[int, int]:
    """Width and height of a WebP, (0, 0) if its first chunk is none of the three that may come first."""
    form = head[12:16]
    if form == b"VP8X":
        return _number(head[24:27]) + 1, _number(head[27:30]) + 1
    if form == b"VP8L":
        bits = _number(head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 ":
        return _number(head[26:28]) & 0x3FFF, _number(head[28:30]) & 0x3FFF
    return 0, 0


def _number(little_endian: bytes) -> int:
    return int.from_bytes(little_endian, "little")
