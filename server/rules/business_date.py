"""Which business day an instant belongs to, and what a device's clock is worth (Q1-4.4e, X-09)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

# The business zone. Asia/Shanghai has had no summer time since 1991, and a fixed zone needs no tz database.
BUSINESS_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")

NIGHT = "night"
NIGHT_ENDS = time(7, 0)
MOST_OFFSET_MS = 5 * 60 * 1000
# The edges of time, for clocks that were set there: they must not stop the house.
EARLIEST = datetime(1, 1, 1, tzinfo=BUSINESS_ZONE)
LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=BUSINESS_ZONE)
# What measuring an offset over a slow network may be wrong by; else every prompt push were flagged.
MEASURING_ERROR = timedelta(seconds=30)


def business_date(instant: datetime, shift: str) -> date:
    """The business day of an aware instant; for ``night`` the day its shift began: 02:00 on the 26th is the
    25th, and so is all before 07:00 (A-10)."""
    local = _local(instant)
    if shift == NIGHT and local.time() < NIGHT_ENDS and local.date() > date.min:
        return local.date() - timedelta(days=1)
    return local.date()


def due_ends_at(due_on: date, shift: str) -> datetime:
    """The instant at which a unit due on ``due_on`` turns overdue: the midnight that ends the day; for
    ``night`` 07:00 of the next day, when the shift that began on ``due_on`` ends."""
    if due_on == date.max:
        return LATEST
    return datetime.combine(
        due_on + timedelta(days=1), NIGHT_ENDS if shift == NIGHT else time(), BUSINESS_ZONE
    )


def corrected(raw: datetime, offset_ms: int) -> datetime:
    """Device time without its error: ``raw - offset``.

    The offset is *device clock minus server clock*: +60 000 means the device is one minute ahead.
    `clock.offset` of the protocol is the same figure in seconds. A result outside the years 1 to 9999 is
    cut to them.
    """
    try:
        return raw - timedelta(milliseconds=offset_ms)
    except OverflowError:
        return EARLIEST if offset_ms > 0 else LATEST


def is_clock_skewed(
    when: datetime, offset_ms: int, jumped: bool, last_contact_at: datetime | None, arrived_at: datetime
) -> bool:
    """Is the corrected time ``when`` to be flagged `clock_skew` (X-09)?

    Yes if it lies outside [last contact before it was made, arrival], if the clock was more than five minutes
    off, or if it jumped since it was measured.
    """
    early = last_contact_at is not None and when < last_contact_at - MEASURING_ERROR
    late = when > arrived_at + MEASURING_ERROR
    return early or late or jumped or abs(offset_ms) > MOST_OFFSET_MS


def _local(instant: datetime) -> datetime:
    """The instant on the wall in Shanghai."""
    try:
        return instant.astimezone(BUSINESS_ZONE)
    except OverflowError:
        return EARLIEST if instant.year == 1 else LATEST
