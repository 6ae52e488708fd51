"""The three-working-day rule: how every unit and every post stands (requirements Q1-4.4, domain 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from server.rules.business_date import business_date, due_ends_at
from server.rules.calendar import WorkCalendar
from server.rules.coverage_facts import (
    SEVERITY,
    CheckFacts,
    CoverageSettings,
    DeviceFacts,
    NotCounted,
    PauseFacts,
    PostState,
    ScopeFacts,
    ScopeProblem,
    State,
    UnitFacts,
    UnitState,
)
from server.rules.due_dates import DueDates

Devices = Mapping[str, Sequence[DeviceFacts]]

# A corrected time may run ahead of the server by what measuring its offset was wrong. What lies further in
# the future was made by a clock gone astray: it is flagged, and counts from when it says it was made.
AHEAD = timedelta(minutes=5)


def is_over(ended_at: datetime, now: datetime) -> bool:
    """Whether the corrected end of a check has come at ``now``; until then it counts for nothing."""
    return ended_at <= now + AHEAD


def judge(
    units: Iterable[UnitFacts],
    devices: Devices,
    settings: CoverageSettings,
    calendar: WorkCalendar,
    now: datetime,
) -> list[UnitState]:
    """The state of every unit at ``now`` (aware), in the order given; units not yet effective or already
    ended are left out. ``devices``: by person, who may have several.

    All that is known now is used, also for a ``now`` in the past: coverage is judged by when a check was
    made, not by when it arrived (Q1-4.4h).
    """
    dates = DueDates(settings, calendar)
    todays = {night: business_date(now, "night" if night else "day") for night in (True, False)}
    soon = {today: calendar.add_working_days(today, 1) for today in todays.values()}
    grace = timedelta(hours=settings.grace_hours)
    states = []
    for unit in units:
        today = todays[unit.shift == "night"]
        starts_on = max(unit.effective_from, settings.coverage_start)
        if today < starts_on or (unit.effective_until is not None and today > unit.effective_until):
            continue
        life_from, paused = current_life(unit.pauses, starts_on, today)
        last = last_counting_check(unit, life_from, now)
        due_on = None if paused else due_day(dates, last, life_from)
        state = _state(unit, devices, due_on, last is None, now, grace, soon[today])
        states.append(_unit_state(unit, dates, last, due_on, life_from, today, state))
    return states


def post_states(states: Iterable[UnitState]) -> list[PostState]:
    """Posts in the order of their first unit: the worst state of their units, and what is missing (Q1-4.4b).

    A post is covered only when none of its n + 1 units is overdue; nor does it count as covered while one is
    unconfirmed, for then nobody knows.
    """
    by_post: dict[str, list[UnitState]] = {}
    for state in states:
        by_post.setdefault(state.post, []).append(state)
    posts = []
    for post, members in by_post.items():
        worst = max((member.state for member in members), key=SEVERITY.index)
        missing = tuple(member.unit for member in members if member.state in ("overdue", "unconfirmed"))
        posts.append(PostState(post, worst, not missing, missing))
    return posts


def scope_completeness(units: Iterable[UnitFacts], on: date) -> list[ScopeProblem]:
    """Units effective on this day that have no inspector, or more than one (Q1-4.1c)."""
    problems = []
    for unit in units:
        if on < unit.effective_from or (unit.effective_until is not None and on > unit.effective_until):
            continue
        inspectors = tuple(dict.fromkeys(inspectors_on(unit.scopes, on)))
        if len(inspectors) != 1:
            problems.append(ScopeProblem(unit.unit, unit.post, unit.area, inspectors))
    return problems


def why_not_counted(unit: UnitFacts, check: CheckFacts) -> NotCounted | None:
    """Why a check does not count for the three-working-day rule; None if it does.

    `incomplete`: Q1-4.4g. `not_daily`: Q1-4.4m. `not_the_inspector`: neither the inspector of the unit on
    that business date nor his deputy for that date (Q1-4.2d); such a check is flagged.
    """
    if not check.complete:
        return "incomplete"
    if check.level != "daily":
        return "not_daily"
    return None if _may_check(unit, check.by, check.business_date) else "not_the_inspector"


def last_counting_check(unit: UnitFacts, life_from: date, now: datetime) -> CheckFacts | None:
    """The latest check since ``life_from`` that is over at ``now`` and counts; of equals the later id."""
    last = None
    for check in reversed(unit.checks):  # mostly stored oldest first: so few are judged
        if check.business_date < life_from or not is_over(check.ended_at, now):
            continue
        later = last is None or _order(check) > _order(last)
        if later and why_not_counted(unit, check) is None:
            last = check
    return last


def current_life(pauses: Iterable[PauseFacts], starts_on: date, today: date) -> tuple[date, bool]:
    """Since when the unit runs as it does today, and whether it is paused today.

    After a pause it restarts as a new unit on the first day after it, so a check before the pause no longer
    matters, nor does one during it (Q1-4.4l).
    """
    life_from, paused = starts_on, False
    for pause in pauses:
        if pause.starts_on > today or (pause.ends_on is not None and pause.ends_on < pause.starts_on):
            continue
        if pause.ends_on is None or pause.ends_on >= today:
            paused = True
        elif pause.ends_on >= starts_on:
            life_from = max(life_from, pause.ends_on + timedelta(days=1))
    return life_from, paused


def due_day(dates: DueDates, last: CheckFacts | None, life_from: date) -> date:
    """When the unit is due after its last check, or as a new one."""
    return dates.of_new(life_from) if last is None else dates.after_check(last.business_date)


def inspectors_on(scopes: Iterable[ScopeFacts], day: date) -> list[str]:
    """Whose the unit is on this day; the scope that began last comes first."""
    active = [scope for scope in scopes if _within(day, scope.starts_on, scope.ends_on)]
    return [scope.inspector for scope in sorted(active, key=lambda scope: scope.starts_on, reverse=True)]


def deputies_on(unit: UnitFacts, inspector: str, day: date) -> list[str]:
    """Who acts for this inspector on this day."""
    return [
        row.deputy
        for row in unit.deputies
        if row.inspector == inspector and _within(day, row.starts_on, row.ends_on)
    ]


def zero_reports(unit: UnitFacts, devices: Devices, due_on: date, since: datetime) -> Iterator[datetime]:
    """When a device of whoever was to check the unit on the due day reported, from ``since`` on, that nothing
    was unsent: from then on it is known that no check is coming (Q1-4.4h).

    Where a deputy acted on the due day it is his device that must report: the inspector's own, lying at home,
    proves nothing.
    """
    for inspector in inspectors_on(unit.scopes, due_on):
        for person in deputies_on(unit, inspector, due_on) or [inspector]:
            for device in devices.get(person, ()):
                if device.unsent_zero_at is not None and device.unsent_zero_at >= since:
                    yield device.unsent_zero_at
                yield from (report for report in device.earlier_zeros if report >= since)


def _state(
    unit: UnitFacts,
    devices: Devices,
    due_on: date | None,
    unchecked: bool,
    now: datetime,
    grace: timedelta,
    soon: date,
) -> State:
    if due_on is None:
        return "paused"
    ends_at = due_ends_at(due_on, unit.shift)
    if now >= ends_at:
        waits = now - ends_at < grace and not any(True for _ in zero_reports(unit, devices, due_on, ends_at))
        return "unconfirmed" if waits else "overdue"
    if due_on <= soon:
        return "due_soon"
    return "never_checked" if unchecked else "covered"


def _unit_state(
    unit: UnitFacts,
    dates: DueDates,
    last: CheckFacts | None,
    due_on: date | None,
    life_from: date,
    today: date,
    state: State,
) -> UnitState:
    inspector = next(iter(inspectors_on(unit.scopes, today)), None)
    deputy = None if inspector is None else next(iter(deputies_on(unit, inspector, today)), None)
    counted_from = life_from if last is None else last.business_date
    return UnitState(
        unit=unit.unit,
        post=unit.post,
        area=unit.area,
        inspector=inspector,
        acting_deputy=deputy,
        last_checked_on=None if last is None else last.business_date,
        last_check=None if last is None else last.id,
        due_on=due_on,
        state=state,
        working_days_left=None if due_on is None else dates.calendar.working_days_between(today, due_on),
        calendar_unconfirmed=due_on is not None and not dates.is_certain(counted_from, due_on),
    )


def _may_check(unit: UnitFacts, by: str, day: date) -> bool:
    inspectors = [scope.inspector for scope in unit.scopes if _within(day, scope.starts_on, scope.ends_on)]
    if by in inspectors:
        return True
    return any(
        row.deputy == by and row.inspector in inspectors and _within(day, row.starts_on, row.ends_on)
        for row in unit.deputies
    )


def _order(check: CheckFacts) -> tuple[date, datetime, str]:
    return check.business_date, check.ended_at, check.id


def _within(day: date, starts_on: date, ends_on: date | None) -> bool:
    return starts_on <= day and (ends_on is None or day <= ends_on)
