"""Pictures for the tests, made on the spot: what a tablet sends, and what nobody should take in."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image


def photo(seed: int = 0, size: tuple[int, int] = (640, 480), kind: str = "JPEG", **options: object) -> bytes:
    """A picture whose bytes differ with ``seed``; a JPEG carries EXIF with capture time and orientation 6."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.paste((seed % 256, seed // 256 % 256, 120), (0, 0, size[0] // 3, size[1] // 2))
    if kind == "JPEG":
        exif = Image.Exif()
        exif[0x0112], exif[0x0132], exif[0x010F] = 6, "2026:11:23 09:12:33", f"tablet {seed}"
        options = {"quality": 80, "exif": exif, **options}
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_that_says(width: int, height: int, *, whole: bool = True) -> bytes:
    """A small PNG, one bit a pixel, that unfolds to width × height; not ``whole``: the pixels are rubbish."""
    rows = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9) if whole else b"rubbish"
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def webp_that_says(width: int, height: int, form: str) -> bytes:
    """Only the header of a WebP of one of its three forms."""
    fields = {
        "VP8X": bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"),
        "VP8L": b"\x2f" + (width - 1 | height - 1 << 14).to_bytes(4, "little"),
        "VP8 ": b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height),
    }[form]
    size = struct.pack("<I", len(fields))
    return b"RIFF" + struct.pack("<I", 12 + len(fields)) + b"WEBP" + form.encode() + size + fields


def jpeg_of_many_scans(scans: int) -> bytes:
    """A JPEG that repeats its last scan: little to store, endless to decode."""
    plain = photo(kind="JPEG", progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:-2] + plain[last:-2] * scans + plain[-2:]


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
