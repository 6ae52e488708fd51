"""The work calendar: which days are working days, and counting in them (requirements Q1-4.4c, X-13)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import accumulate
from typing import Any

_LAST_ORDINAL = date.max.toordinal()


class WorkCalendar:
    """Statutory years plus the project's own days; a project's day wins over the statutory one (A-03).

    A day that nobody lists works from Monday to Friday. A year without a row, or whose row is not
    ``confirmed``, is counted the same way with whatever days its row lists, and ``is_confirmed`` says so.

    Counting is arithmetic on the ordinal of a day: Mondays to Fridays up to it, corrected by the listed days
    up to it. So every question costs a bisection, however far the two days lie apart.
    """

    def __init__(
        self, years: Iterable[Mapping[str, Any]], overrides: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        """``years``: rows ``{year, confirmed, days: [{name, date, isOffDay}]}``; ``overrides``: such days.

        Dates are ``date`` or ``YYYY-MM-DD``. Raises ``ValueError`` for a date that does not exist.
        """
        listed: dict[int, bool] = {}
        self._confirmed: set[int] = set()
        for row in years:
            self._confirmed.discard(row["year"])
            if row["confirmed"]:
                self._confirmed.add(row["year"])
            listed.update(_days(row["days"]))
        listed.update(_days(overrides))
        self._special = {day: works for day, works in listed.items() if works != _is_weekday(day)}
        self._days = sorted(self._special)
        self._sums = [0, *accumulate(1 if self._special[day] else -1 for day in self._days)]

    def is_working_day(self, day: date) -> bool:
        """Is this a working day (工作日)?"""
        ordinal = day.toordinal()
        return self._special.get(ordinal, _is_weekday(ordinal))

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day strictly after ``day``; ``count`` ≥ 1. Beyond year 9999: its last
        day."""
        return self.at_position(self.position(day) + count)

    def nth_working_day_including(self, day: date, count: int) -> date:
        """The ``count``-th working day from ``day`` on, ``day`` itself counted if it is one (Q1-4.4d)."""
        return self.at_position(self._position(day.toordinal() - 1) + count)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie in (start, end]; negative when ``end`` is before ``start``."""
        return self.position(end) - self.position(start)

    def is_confirmed(self, day: date) -> bool:
        """Is the calendar of this day's year imported and confirmed?"""
        return day.year in self._confirmed

    def is_confirmed_between(self, start: date, end: date) -> bool:
        """Are all years from ``start`` to ``end`` confirmed, so that what is counted across them is
        certain?"""
        return all(year in self._confirmed for year in range(start.year, end.year + 1))

    def position(self, day: date) -> int:
        """How many working days there are up to and including ``day``, from the first day there is."""
        return self._position(day.toordinal())

    def at_position(self, position: int) -> date:
        """The first day whose ``position`` reaches this one: for ``position`` ≥ 1 always a working day."""
        spread = len(self._days)
        low = _nth_weekday(max(position - spread, 1))
        high = min(_nth_weekday(max(position + spread, 1)), _LAST_ORDINAL)
        if low > high or self._position(high) < position:
            return date.max
        return date.fromordinal(bisect_left(range(high), position, lo=low, key=self._position))

    def _position(self, ordinal: int) -> int:
        weeks, rest = divmod(ordinal, 7)
        return weeks * 5 + min(rest, 5) + self._sums[bisect_right(self._days, ordinal)]


def _days(days: Iterable[Mapping[str, Any]]) -> Iterable[tuple[int, bool]]:
    for entry in days:
        day = entry["date"]
        yield (day if isinstance(day, date) else date.fromisoformat(day)).toordinal(), not entry["isOffDay"]


def _is_weekday(ordinal: int) -> bool:
    return 1 <= ordinal % 7 <= 5  # ordinal 1, the first of January of year 1, is a Monday


def _nth_weekday(count: int) -> int:
    weeks, rest = divmod(count - 1, 5)
    return weeks * 7 + rest + 1
