"""Real photos: JPEG with EXIF (time, place, camera), noisy like a sensor's, one of them of 12 megapixels."""

from __future__ import annotations

import io
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

from PIL import Image, ImageDraw

SHANGHAI = timezone(timedelta(hours=8))
GPS_IFD, EXIF_IFD, DATE_TIME_ORIGINAL, OFFSET_ORIGINAL, MAKE = 0x8825, 0x8769, 0x9003, 0x9011, 0x010F


def photo(number: int, *, size: tuple[int, int] = (2048, 1536), taken: datetime | None = None) -> bytes:
    """A JPEG as a camera writes it: unlike any other number, with its time and a place that must not leak."""
    rng = random.Random(number)
    small = Image.frombytes("RGB", (64, 48), rng.randbytes(64 * 48 * 3)).resize(
        size, Image.Resampling.BICUBIC
    )
    pen = ImageDraw.Draw(small)
    for _ in range(12):
        x, y = rng.randrange(size[0]), rng.randrange(size[1])
        pen.rectangle(
            (x, y, x + 200, y + 120), fill=(rng.randrange(256), rng.randrange(256), rng.randrange(256))
        )
    exif = Image.Exif()
    exif[MAKE] = "Yantian"
    moment = taken or datetime(2026, 11, 23, 9, number % 60, 7, tzinfo=SHANGHAI)
    exif.get_ifd(EXIF_IFD)[DATE_TIME_ORIGINAL] = moment.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(EXIF_IFD)[OFFSET_ORIGINAL] = "+08:00"
    exif.get_ifd(GPS_IFD)[1] = "N"
    exif.get_ifd(GPS_IFD)[2] = (30.0, 15.0, 0.0)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()


def write_photos(folder: Path, count: int) -> list[Path]:
    """``count`` photos, the first of 12 megapixels."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        path = folder / f"IMG_{number:04}.jpg"
        path.write_bytes(photo(number, size=(4000, 3000) if number == 0 else (2048, 1536)))
        paths.append(path)
    return paths
