"""Ids of the demo: UUIDv7 with the time of making, their random bits drawn from the seed and a name."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_BITS = (1 << 76) - 1 ^ 0x3 << 62
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MILLISECOND = timedelta(milliseconds=1)


class Ids:
    """Makes the same id for the same seed, name and moment, in whatever order it is asked."""

    def __init__(self, seed: int) -> None:
        self._seed = f"rounds demo {seed}: "

    def at(self, moment: datetime, *names: str | int) -> str:
        """The id of what ``names`` stand for, made at ``moment`` (aware)."""
        drawn = sha256((self._seed + "/".join(map(str, names))).encode()).digest()
        millis = (moment - _EPOCH) // _MILLISECOND
        value = millis << 80 | int.from_bytes(drawn[:10], "big") & _RANDOM_BITS | _VERSION_7 | _VARIANT
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
