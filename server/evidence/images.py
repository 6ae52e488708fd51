"""Is it an image of the declared kind, small enough to unfold? And its thumbnail (`protocol.md` section 6).

The header is judged before any pixel is decoded: a PNG of a few kilobytes can unfold to gigabytes.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageOps

from server.evidence.headers import HEAD, kind_of, webp_size
from server.evidence.refusals import Refused

pillow_heif.register_heif_opener()
# Pillow's own limit only warns up to twice its value, and warnings are process-wide. Ours refuses, for
# every image, right after the header has been read.
Image.MAX_IMAGE_PIXELS = None

KINDS = ("image/jpeg", "image/png", "image/webp", "image/heic")
OPENED = ("JPEG", "PNG", "WEBP", "HEIF")  # the same, as Pillow calls them
# A camera writes 1 to 12 scans. Thousands of empty ones keep a decoder busy for hours in a small file.
MOST_SCANS = 100
START_OF_SCAN = b"\xff\xda"
THUMB_QUALITY = 80


@dataclass(frozen=True)
class Limits:
    """``bytes`` of the file, ``pixels`` of the image as its header states them, ``thumb`` side in pixels."""

    bytes: int = 15 * 1024 * 1024
    pixels: int = 60_000_000
    thumb: int = 320


@dataclass(frozen=True)
class Examined:
    """An image that was decoded whole: its kind, size in pixels as stored, and its thumbnail (JPEG)."""

    mime: str
    width: int
    height: int
    thumb: bytes


class Examiner:
    """Examines images; at most ``at_once`` are unfolded at a time, since one may take 240 MB."""

    def __init__(self, limits: Limits, at_once: int = 2) -> None:
        self.limits = limits
        self._turn = threading.BoundedSemaphore(at_once)

    def examine(self, path: Path, declared: str) -> Examined:
        """Judge the file at ``path`` against its declared kind; raises ``Refused``."""
        size = path.stat().st_size
        if size > self.limits.bytes:
            raise Refused("too_large", bytes=size, allowed=self.limits.bytes)
        with path.open("rb") as file, self._turn:
            self._judge_head(file.read(HEAD), declared)
            if declared == "image/jpeg":
                _judge_scans(path)
            image = self._open(file)
            width, height = image.size
            try:
                image.load()
                thumb = self._thumb(image)
            except MemoryError:
                raise  # this machine is short of memory just now; that says nothing about the image
            except Exception as error:  # decoders raise whatever the damage makes them raise
                raise Refused("broken", error=type(error).__name__) from error
            return Examined(declared, width, height, thumb)

    def thumb_of(self, file: BinaryIO) -> bytes:
        """Thumbnail of an image that was examined before, for when the derivative is missing."""
        with self._turn, Image.open(file, formats=OPENED) as image:
            return self._thumb(image)

    def _judge_head(self, head: bytes, declared: str) -> None:
        found = kind_of(head)
        if found is None:
            raise Refused("not_an_image")
        if found != declared:
            raise Refused("wrong_kind", declared=declared, found=found)
        if found == "image/webp":
            self._judge_pixels(*webp_size(head))

    def _judge_pixels(self, width: int, height: int) -> None:
        if width * height > self.limits.pixels:
            raise Refused("too_many_pixels", width=width, height=height, allowed=self.limits.pixels)

    def _open(self, file: BinaryIO) -> Image.Image:
        file.seek(0)
        try:
            image = Image.open(file, formats=OPENED)
        except Exception as error:  # it begins like an image and goes on like none
            raise Refused("broken", error=type(error).__name__) from error
        self._judge_pixels(*image.size)
        return image

    def _thumb(self, image: Image.Image) -> bytes:
        """JPEG within ``thumb`` × ``thumb``, upright, without any metadata. Consumes the image."""
        if image.mode.startswith("I"):  # 16 bits of grey
            image = image.point(lambda value: value * (1 / 256)).convert("L")
        elif image.mode in ("P", "1"):  # these cannot be scaled smoothly
            image = image.convert("RGBA")
        # On a JPEG that is not decoded yet this calls `draft()`, which decodes it at a fraction of its size.
        image.thumbnail((self.limits.thumb, self.limits.thumb), reducing_gap=2.0)
        small = _upright(image).convert("RGBA")
        paper = Image.new("RGB", small.size, "white")
        paper.paste(small, mask=small)
        out = BytesIO()
        paper.save(out, "JPEG", quality=THUMB_QUALITY)
        return out.getvalue()


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # malformed EXIF is no reason to refuse a picture that opens
        return image


def _judge_scans(path: Path) -> None:
    scans = path.read_bytes().count(START_OF_SCAN)
    if scans > MOST_SCANS:
        raise Refused("too_complex", scans=scans, allowed=MOST_SCANS)
