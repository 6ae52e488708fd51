"""Real photos: JPEG with EXIF (time, place, camera), noisy like a sensor's, one of them of 12 megapixels."""

from __future__ import annotations

import io
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

from PIL import Image, ImageDraw

SHANGHAI = timezone(timedelta(hours=8))
GPS_IFD, EXIF_IFD, DATE_TIME_ORIGINAL, OFFSET_ORIGINAL, MAKE = 0x8825, 0x8769, 0x9003, 0x9011, 0x010F
TWELVE_MEGAPIXELS = (4000, 3000)


def taken_at(number: int) -> datetime:
    """When photo ``number`` was taken, in whole seconds; no two alike."""
    return datetime(2026, 11, 20, 9, number % 60, 7, tzinfo=SHANGHAI)


def photo(number: int, *, size: tuple[int, int] = (2048, 1536)) -> bytes:
    """A JPEG as a camera writes it: unlike any other number, with its time and a place that must not leak."""
    rng = random.Random(number)
    coarse = Image.frombytes("RGB", (64, 48), rng.randbytes(64 * 48 * 3))
    grain = Image.frombytes("RGB", (512, 384), rng.randbytes(512 * 384 * 3))
    picture = Image.blend(
        coarse.resize(size, Image.Resampling.BICUBIC), grain.resize(size, Image.Resampling.BILINEAR), 0.15
    )
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = rng.randrange(size[0]), rng.randrange(size[1])
        colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
        pen.rectangle((x, y, x + 200, y + 120), fill=colour)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, exif=_exif(number))
    return out.getvalue()


def _exif(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[MAKE] = "Yantian"
    exif.get_ifd(EXIF_IFD)[DATE_TIME_ORIGINAL] = taken_at(number).strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(EXIF_IFD)[OFFSET_ORIGINAL] = "+08:00"
    exif.get_ifd(GPS_IFD)[1] = "N"
    exif.get_ifd(GPS_IFD)[2] = (30.0, 15.0, 0.0)
    return exif


def write_photos(folder: Path, count: int) -> list[Path]:
    """``count`` photos, the first of 12 megapixels."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        path = folder / f"IMG_{number:04}.jpg"
        path.write_bytes(photo(number, size=TWELVE_MEGAPIXELS if number == 0 else (2048, 1536)))
        paths.append(path)
    return paths
