"""When a unit is due, in rolling mode and in fixed rounds (requirements Q1-4.4a, Q1-4.4d, Q1-4.4f)."""

from __future__ import annotations

from datetime import date, timedelta

from server.rules.calendar import WorkCalendar
from server.rules.coverage_facts import CoverageSettings

WINDOW = 3  # working days (三个工作日)


class DueDates:
    """Due days under one setting; remembers its answers, for many units share the same few days.

    Fixed rounds are blocks of three working days from the anchor, in both directions. A rest day belongs to
    the block that follows it, so a check made on it counts there (A-04). A unit is due at the end of the
    block after the one of its last check. A new unit is due on its third working day in both modes
    (Q1-4.4d): were it due at the end of a block already begun, fixed rounds would be stricter than the
    rolling reading that is to satisfy them all (A-01).
    """

    def __init__(self, settings: CoverageSettings, calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self._cycle = settings.mode == "cycle"
        anchor = settings.cycle_anchor or settings.coverage_start
        self._anchor = anchor
        self._first = calendar.position(_day_before(anchor))
        self._after: dict[date, date] = {}
        self._new: dict[date, date] = {}
        self._certain: dict[tuple[date, date], bool] = {}

    def after_check(self, checked_on: date) -> date:
        """Due day of a unit last checked on this day."""
        due = self._after.get(checked_on)
        if due is None:
            due = self._after[checked_on] = self._after_check(checked_on)
        return due

    def of_new(self, starts_on: date) -> date:
        """Due day of a unit that (re)starts on this day and was not checked since (Q1-4.4d, Q1-4.4l)."""
        due = self._new.get(starts_on)
        if due is None:
            due = self._new[starts_on] = self.calendar.nth_working_day_including(starts_on, WINDOW)
        return due

    def is_certain(self, counted_from: date, due_on: date) -> bool:
        """Is every year confirmed that the due day was counted through (X-13)?"""
        start = min(counted_from, self._anchor) if self._cycle else counted_from
        known = self._certain.get((start, due_on))
        if known is None:
            known = self._certain[start, due_on] = self.calendar.is_confirmed_between(start, due_on)
        return known

    def _after_check(self, checked_on: date) -> date:
        if self._cycle:
            return self._block_end(self._block(checked_on) + 1)
        return self.calendar.add_working_days(checked_on, WINDOW)

    def _block(self, day: date) -> int:
        return (self.calendar.position(_day_before(day)) - self._first) // WINDOW

    def _block_end(self, block: int) -> date:
        return self.calendar.at_position(self._first + (block + 1) * WINDOW)


def _day_before(day: date) -> date:
    return day - timedelta(days=1) if day > date.min else day
