"""Is enough time spent inspecting (requirement Q1-4.3a, A-25)? A shortfall warns and blocks nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# Five minutes for each of a third of the units are 100 seconds a unit; kept in seconds, so nothing is
# rounded.
SECONDS_PER_UNIT = 100
LEAST_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Visit:
    """One check as time spent: corrected instants, and the business date that it belongs to."""

    business_date: date
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class InspectionTime:
    """Time spent on one day against the target, in seconds. ``short``: 用时不足."""

    seconds: int
    target_seconds: int

    @property
    def short(self) -> bool:
        return self.seconds < self.target_seconds


def target_seconds(units: int) -> int:
    """5 minutes x one third of the inspector's units, at least 15 minutes; 24 units: 2400 seconds."""
    return max(LEAST_SECONDS, SECONDS_PER_UNIT * units)


def seconds_spent(intervals: Iterable[tuple[datetime, datetime]]) -> int:
    """Whole seconds covered by these stretches, overlaps counted once; one that ends before it starts is
    none."""
    total = timedelta()
    reached: datetime | None = None
    for start, end in sorted(intervals):
        begin = start if reached is None else max(start, reached)
        if end > begin:
            total += end - begin
            reached = end
    return total // timedelta(seconds=1)


def inspection_time(visits: Iterable[Visit], units: int) -> dict[date, InspectionTime]:
    """By business date, ascending: one inspector's time against the target for his number of units.

    A day on duty without any check is not in it: who was on duty is the roster's to say.
    """
    days: dict[date, list[tuple[datetime, datetime]]] = {}
    for visit in visits:
        days.setdefault(visit.business_date, []).append((visit.started_at, visit.ended_at))
    target = target_seconds(units)
    return {day: InspectionTime(seconds_spent(days[day]), target) for day in sorted(days)}
