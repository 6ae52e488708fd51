"""The three-working-day rule: what must hold for any history, and its questions beside the cases (Q1-4.4)."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.breaches import breaches
from server.rules.business_date import BUSINESS_ZONE, business_date, due_ends_at
from server.rules.coverage import judge, scope_completeness, why_not_counted
from server.rules.coverage_facts import (
    PRECEDENCE,
    CheckFacts,
    CoverageSettings,
    DeputyFacts,
    DeviceFacts,
    PauseFacts,
    ScopeFacts,
    UnitFacts,
)
from tests.rules.cases import calendar_of

CALENDAR = calendar_of()
START = date(2026, 9, 1)
ROLLING = CoverageSettings(coverage_start=START)
CYCLE = CoverageSettings(coverage_start=START, mode="cycle", cycle_anchor=date(2026, 9, 2))
HE = ScopeFacts("he", START)
SHIFTS = st.sampled_from(["day", "night"])
MODES = st.sampled_from([ROLLING, CYCLE])


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=BUSINESS_ZONE)


def check(day: date, by: str = "he", hour: int = 12, late: int = 0) -> CheckFacts:
    ended_at = at(day, hour)
    return CheckFacts(f"{day}-{hour}-{by}", by, ended_at, day, ended_at + timedelta(hours=late))


def unit(days: list[date], shift: str = "day", **more) -> UnitFacts:
    return UnitFacts("u", "p", None, shift, START, scopes=[HE], checks=[check(day) for day in days], **more)


def reported(now: datetime) -> dict[str, list[DeviceFacts]]:
    return {"he": [DeviceFacts(unsent_zero_at=now)]}


DAYS = st.integers(0, 70).map(lambda n: START + timedelta(days=n))
CHECK_DAYS = st.lists(DAYS, max_size=12)
PAUSES = st.lists(st.tuples(DAYS, st.none() | st.integers(-2, 9)), max_size=3).map(
    lambda rows: [PauseFacts(day, None if days is None else day + timedelta(days=days)) for day, days in rows]
)
HISTORIES = st.builds(
    lambda days, pauses, shift: unit(days, shift, pauses=pauses),
    CHECK_DAYS,
    PAUSES,
    SHIFTS,
)


@given(CHECK_DAYS, DAYS, SHIFTS)
def test_rolling_leaves_no_window_of_three_working_days_unchecked(days, today, shift):
    """Not overdue means: a check on one of the last three full working days, or since, or younger than
    them."""
    now = at(today)
    [state] = judge([unit(days, shift)], reported(now), ROLLING, CALENDAR, now)
    window_from = CALENDAR.at_position(CALENDAR.position(today - timedelta(days=1)) - 2)
    seen = any(window_from <= day <= today for day in days)
    assert (state.state == "overdue") == (not seen and window_from >= START)


@given(HISTORIES, DAYS, DAYS, MODES)
def test_a_check_never_makes_the_due_date_earlier(history, extra, today, settings):
    now = at(today, 23)
    more = replace(history, checks=[*history.checks, check(extra)])
    [before] = judge([history], {}, settings, CALENDAR, now)
    [after] = judge([more], {}, settings, CALENDAR, now)
    assert (before.due_on is None) == (after.due_on is None)
    if before.due_on is not None and after.due_on is not None:
        assert after.due_on >= before.due_on


@given(CHECK_DAYS, DAYS)
def test_what_satisfies_rolling_satisfies_fixed_rounds(days, today):
    """A-01: rolling is the stricter reading, whatever the anchor."""
    now = at(today)
    rolling = breaches([unit(days)], reported(now), ROLLING, CALENDAR, now)
    for anchor in (date(2026, 9, 2), date(2026, 9, 3), date(2026, 9, 4)):
        settings = replace(CYCLE, cycle_anchor=anchor)
        cycle = breaches([unit(days)], reported(now), settings, CALENDAR, now)
        assert rolling or not cycle


@given(HISTORIES, DAYS, st.integers(0, 23), MODES, st.sampled_from(["none", "old", "new"]))
def test_exactly_one_state_by_precedence(history, today, hour, settings, report):
    """Each state restated from the definition; the first that holds is the answer."""
    now = at(today, hour)
    devices = {"none": {}, "old": reported(at(START)), "new": reported(now)}[report]
    states = judge([history], devices, settings, CALENDAR, now)
    day = business_date(now, history.shift)
    if day < START:
        assert states == []
        return
    [found] = states
    covering = [pause for pause in history.pauses if pause.starts_on <= day <= (pause.ends_on or date.max)]
    holds = {"paused": bool(covering), "covered": True, "never_checked": found.last_check is None}
    if found.due_on is None:
        assert covering
    else:
        assert not covering
        ends_at = due_ends_at(found.due_on, history.shift)
        known = report == "new" and now >= ends_at
        holds["overdue"] = now >= ends_at
        holds["unconfirmed"] = now >= ends_at and not known and now < ends_at + timedelta(hours=24)
        holds["due_soon"] = found.due_on in (day, CALENDAR.add_working_days(day, 1))
    assert found.state == next(state for state in PRECEDENCE if holds.get(state))


@given(HISTORIES, DAYS, MODES)
def test_the_history_of_breaches_agrees_with_the_state(history, today, settings):
    """A unit is overdue exactly while it has an open breach."""
    now = at(today)
    devices = {
        "he": [DeviceFacts(unsent_zero_at=now, earlier_zeros=[at(day, 8) for day in days_until(today)])]
    }
    [state] = judge([history], devices, settings, CALENDAR, now)
    found = breaches([history], devices, settings, CALENDAR, now)
    still_open = [breach for breach in found if breach.ended_on is None]
    assert [breach.due_on for breach in still_open] == ([state.due_on] if state.state == "overdue" else [])
    assert not any(breach.withdrawn for breach in found)
    assert [breach.due_on for breach in found] == sorted({breach.due_on for breach in found})
    assert [-breach.working_days_late for breach in still_open] in ([], [state.working_days_left])


def days_until(today: date) -> list[date]:
    return [START + timedelta(days=n) for n in range((today - START).days + 1)]


@given(st.lists(st.tuples(DAYS, st.integers(0, 400)), max_size=10), DAYS, MODES, SHIFTS)
def test_late_records_leave_the_same_breaches_as_prompt_ones(made, today, settings, shift):
    """When all has arrived, only what was withdrawn tells that some of it came late (Q1-4.4h)."""
    now = at(today + timedelta(days=30))
    late = unit([], shift)
    late = replace(late, checks=[check(day, late=hours) for day, hours in made if at(day) < at(today)])
    prompt = replace(late, checks=[replace(row, arrived_at=row.ended_at) for row in late.checks])

    def lasting(history):
        found = breaches([history], {}, settings, CALENDAR, now)
        return [replace(breach, raised_at=now) for breach in found if not breach.withdrawn]

    assert lasting(late) == lasting(prompt)


@given(st.lists(st.tuples(DAYS, st.integers(0, 400)), max_size=10), MODES)
def test_a_breach_once_raised_stays_in_the_history(made, settings):
    """Day by day: an entry may end or be withdrawn, but only a late record can rewrite which day was due."""
    history = replace(unit([]), checks=[check(day, late=hours) for day, hours in made])
    known: dict[date, bool] = {}
    day = timedelta(days=1)
    for n in range(100):
        now = at(START + timedelta(days=n))
        found = {
            breach.due_on: breach.withdrawn for breach in breaches([history], {}, settings, CALENDAR, now)
        }
        arrived = any(
            row.arrived_at is not None and row.ended_at < row.arrived_at and now - day < row.arrived_at <= now
            for row in history.checks
        )
        if not arrived:
            assert known.items() <= found.items()
        known = found


def test_why_a_check_does_not_count():
    tan = DeputyFacts("he", "tan", date(2026, 11, 24), date(2026, 11, 26))
    history = replace(unit([]), deputies=[tan])
    day = date(2026, 11, 25)
    assert why_not_counted(history, check(day)) is None
    assert why_not_counted(history, check(day, by="tan")) is None
    assert why_not_counted(history, check(date(2026, 11, 27), by="tan")) == "not_the_inspector"
    assert why_not_counted(history, check(day, by="luo")) == "not_the_inspector"
    assert why_not_counted(history, replace(check(day), level="weekly")) == "not_daily"
    assert why_not_counted(history, replace(check(day), complete=False)) == "incomplete"


def test_scope_completeness_names_units_without_inspector_or_with_several():
    luo = ScopeFacts("luo", date(2026, 11, 1), date(2026, 11, 30))
    whole = unit([])
    units = [
        whole,
        replace(whole, unit="none", scopes=[]),
        replace(whole, unit="two", area="two", scopes=[HE, luo]),
        replace(whole, unit="same", scopes=[HE, ScopeFacts("he", date(2026, 11, 1))]),
        replace(whole, unit="lapsed", scopes=[luo]),
        replace(whole, unit="ended", scopes=[], effective_until=date(2026, 11, 1)),
        replace(whole, unit="planned", scopes=[], effective_from=date(2027, 1, 1)),
    ]
    found = {problem.unit: problem.inspectors for problem in scope_completeness(units, date(2026, 11, 20))}
    assert found == {"none": (), "two": ("luo", "he")}
    [lapsed] = [
        problem for problem in scope_completeness(units, date(2026, 12, 1)) if problem.unit == "lapsed"
    ]
    assert (lapsed.inspectors, lapsed.post, lapsed.area) == ((), "p", None)


@pytest.mark.parametrize("count", [40, 400])
def test_208_units_are_judged_while_a_board_waits(count):
    """Aim: 20 ms for 208 units with 40 checks each; the limit here leaves room for a busy machine."""
    days = [START + timedelta(days=n % 80) for n in range(count)]
    units = [replace(unit(sorted(days)), unit=f"u{n}") for n in range(208)]
    now = at(date(2026, 11, 20))
    fastest = min(_seconds(lambda: judge(units, reported(now), ROLLING, CALENDAR, now)) for _ in range(5))
    assert fastest < 0.02 * 5 * count / 40


def _seconds(run) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun
