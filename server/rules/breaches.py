"""The history of breaches of the three-working-day rule (requirements Q1-4.4h, Q1-4.4k)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.rules.business_date import business_date, due_ends_at
from server.rules.calendar import WorkCalendar
from server.rules.coverage import Devices, inspectors_on, is_over, why_not_counted, zero_reports
from server.rules.coverage_facts import Breach, CoverageSettings, PauseFacts, UnitFacts
from server.rules.due_dates import DueDates

_DAY = timedelta(days=1)


def breaches(
    units: Iterable[UnitFacts],
    devices: Devices,
    settings: CoverageSettings,
    calendar: WorkCalendar,
    now: datetime,
) -> list[Breach]:
    """Every breach known at ``now``, unit by unit in the order given, oldest first.

    A breach is raised when it becomes known: at the end of the due day plus grace, or earlier when the
    device of whoever had to check reported then that it holds nothing unsent. A check made in time that
    arrives after that withdraws it; the breach stays in the list, marked. Checks that arrived after ``now``
    are not known yet. A unit left unchecked for long is one breach that lasts, in fixed rounds too.
    """
    dates = DueDates(settings, calendar)
    return [breach for unit in units for breach in _History(unit, devices, settings, dates, now).breaches()]


@dataclass(frozen=True, slots=True)
class _Life:
    """A stretch in which a unit was neither paused nor closed; without ``ends_on`` it still runs."""

    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class _Duty:
    """A check owed in (``opens_after``, ``due_on``]. ``known_at``: since when the server knows, that is when
    the check that it follows arrived; None for the first check of a life."""

    opens_after: date
    due_on: date
    known_at: datetime | None


class _History:
    """One unit's past, as known at ``now``."""

    def __init__(
        self, unit: UnitFacts, devices: Devices, settings: CoverageSettings, dates: DueDates, now: datetime
    ) -> None:
        self.unit, self.devices, self.dates, self.now = unit, devices, dates, now
        self.grace = timedelta(hours=settings.grace_hours)
        self.starts_on = max(unit.effective_from, settings.coverage_start)
        self.today = business_date(now, unit.shift)
        self.arrivals = _arrivals(unit, now)
        self.days = list(self.arrivals)

    def breaches(self) -> Iterator[Breach]:
        for life in _lives(self.unit, self.starts_on, self.today):
            days = [day for day in self.days if day >= life.starts_on and not _is_over(life, day)]
            for duty in self._duties(life, days):
                if not _is_over(life, duty.due_on):
                    yield from self._unmet(duty, life, days)

    def _duties(self, life: _Life, days: list[date]) -> Iterable[_Duty]:
        """What was owed in one life: a first check, and another after each. Checks that lead to the same
        due day (Friday and Saturday; two in one block of a fixed round) owe one check between them: after
        the last of them, and known since the first of them arrived."""
        first = self.dates.of_new(life.starts_on)
        owed = {first: _Duty(life.starts_on - _DAY, first, None)}
        for day in days:
            due_on = self.dates.after_check(day)
            known_at: datetime | None = self.arrivals[day]
            if due_on in owed:
                before = owed[due_on].known_at
                known_at = None if before is None else min(before, self.arrivals[day])
            owed[due_on] = _Duty(day, due_on, known_at)
        return owed.values()

    def _unmet(self, duty: _Duty, life: _Life, days: list[date]) -> Iterator[Breach]:
        first, after = bisect_right(days, duty.opens_after), bisect_right(days, duty.due_on)
        arrived = min(((self.arrivals[day], day) for day in days[first:after]), default=None)
        ends_at = due_ends_at(duty.due_on, self.unit.shift)
        if ends_at > self.now or (arrived is not None and arrived[0] <= ends_at):
            return
        raised_at = self._raised_at(duty, ends_at)
        if raised_at > self.now or (arrived is not None and arrived[0] <= raised_at):
            return
        inspector = self._inspector(duty.due_on)
        if arrived is not None:
            withdrawn_at, made_on = arrived
            yield Breach(
                self.unit.unit, inspector, duty.due_on, 0, raised_at, made_on, True, withdrawn_at, "late_sync"
            )
            return
        ended_on, last_late_day = self._end(duty, life, days[after:])
        late = self.dates.calendar.working_days_between(duty.due_on, last_late_day)
        yield Breach(self.unit.unit, inspector, duty.due_on, late, raised_at, ended_on, False, None, None)

    def _inspector(self, due_on: date) -> str | None:
        """Whose breach it is. Where the scopes of that day name several, none: better nobody than the wrong
        one."""
        inspectors = set(inspectors_on(self.unit.scopes, due_on))
        return inspectors.pop() if len(inspectors) == 1 else None

    def _raised_at(self, duty: _Duty, ends_at: datetime) -> datetime:
        reported_at = min(zero_reports(self.unit, self.devices, duty.due_on, ends_at), default=None)
        raised_at = ends_at + self.grace
        if reported_at is not None and reported_at < raised_at:
            raised_at = reported_at
        return raised_at if duty.known_at is None else max(raised_at, duty.known_at)

    def _end(self, duty: _Duty, life: _Life, later: list[date]) -> tuple[date | None, date]:
        """The day the breach ended, if it did, and the last day that counts as late: that of the late
        check, or the last before the unit was paused or closed."""
        if later:
            return later[0], later[0]
        if life.ends_on is not None and life.ends_on < self.today:
            return life.ends_on + _DAY, life.ends_on
        return None, max(self.today, duty.due_on)


def _arrivals(unit: UnitFacts, now: datetime) -> dict[date, datetime]:
    """The days on which the unit was checked, ascending, and when the server first knew of each."""
    first: dict[date, datetime] = {}
    for check in unit.checks:
        arrived_at = check.ended_at if check.arrived_at is None else check.arrived_at
        if arrived_at > now or not is_over(check.ended_at, now) or why_not_counted(unit, check) is not None:
            continue
        before = first.get(check.business_date)
        first[check.business_date] = arrived_at if before is None else min(before, arrived_at)
    return dict(sorted(first.items()))


def _lives(unit: UnitFacts, starts_on: date, today: date) -> Iterator[_Life]:
    """The stretches between the pauses, up to the last day of the unit; a pause to come ends the last one."""
    for pause in sorted(unit.pauses, key=lambda pause: pause.starts_on):
        if _is_void(pause, starts_on):
            continue
        if pause.starts_on > starts_on:
            yield from _cut(_Life(starts_on, pause.starts_on - _DAY), unit.effective_until)
        if pause.ends_on is None or pause.ends_on >= today:
            return
        starts_on = pause.ends_on + _DAY
    yield from _cut(_Life(starts_on, None), unit.effective_until)


def _cut(life: _Life, until: date | None) -> Iterator[_Life]:
    """The part of a life up to the last day of the unit."""
    if until is None:
        yield life
    elif life.starts_on <= until:
        yield _Life(life.starts_on, until if life.ends_on is None else min(until, life.ends_on))


def _is_over(life: _Life, day: date) -> bool:
    return life.ends_on is not None and day > life.ends_on


def _is_void(pause: PauseFacts, starts_on: date) -> bool:
    """Ended before it began, or before the unit ran."""
    return pause.ends_on is not None and pause.ends_on < max(pause.starts_on, starts_on)
