"""The one source of time and chance of this server; everything else is handed this clock.

``ROUNDS_NOW`` shifts it: the server then believes to have been started at that moment, and time runs on.
"""

from __future__ import annotations

import os
import secrets
import time
from datetime import UTC, datetime, timedelta, timezone

BUSINESS_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock:
    """Wall time in the business zone, shifted by a fixed amount; and what is made from time and chance."""

    def __init__(self, shift: timedelta = timedelta(0)) -> None:
        self.shift = shift

    @classmethod
    def starting_at(cls, moment: str) -> Clock:
        """A clock that shows ``moment`` (RFC 3339 with offset) now; an empty text means the real time.

        Raises:
            ValueError: if ``moment`` is no time, or one without an offset.
        """
        if not moment:
            return cls()
        wanted = datetime.fromisoformat(moment)
        if wanted.tzinfo is None:
            raise ValueError(f"ROUNDS_NOW needs an offset, like 2026-11-23T09:12:33+08:00, not {moment}")
        return cls(wanted - datetime.now(UTC))

    def now(self) -> datetime:
        """The present moment, aware, in the business zone."""
        return (datetime.now(UTC) + self.shift).astimezone(BUSINESS_ZONE)

    def text(self) -> str:
        """The present moment as on the wire: ``2026-11-23T09:12:33.041+08:00``."""
        return self.now().isoformat(timespec="milliseconds")

    def today(self) -> str:
        """The present day in the business zone: ``2026-11-23``."""
        return self.now().date().isoformat()

    def new_id(self) -> str:
        """A fresh UUIDv7, lower case."""
        millis = int((time.time() + self.shift.total_seconds()) * 1000)
        value = (millis & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def new_salt(self) -> bytes:
        """16 random bytes."""
        return os.urandom(16)

    def new_digits(self, count: int) -> str:
        """So many random digits."""
        return "".join(secrets.choice("0123456789") for _ in range(count))

    def new_secret(self) -> str:
        """256 random bits for a token or key, as text."""
        return secrets.token_urlsafe(32)
