"""The work calendar (Q1-4.4c, X-13)."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.calendar import WorkCalendar
from tests.rules.cases import YEARS, day, read

CASES = read("calendar")
CALENDAR = WorkCalendar(YEARS)
OWN = WorkCalendar(YEARS, CASES["overrides"]["days"])

DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("case", CASES["add_working_days"], ids=lambda case: case["why"])
def test_counts_working_days_after_a_day(case):
    assert CALENDAR.add_working_days(day(case["from"]), case["count"]) == day(case["gives"])


@pytest.mark.parametrize("case", CASES["nth_working_day_including"], ids=lambda case: case["why"])
def test_counts_working_days_from_a_day_on(case):
    assert CALENDAR.nth_working_day_including(day(case["from"]), case["count"]) == day(case["gives"])


@pytest.mark.parametrize("case", CASES["working_days_between"])
def test_counts_working_days_between(case):
    assert CALENDAR.working_days_between(day(case["from"]), day(case["to"])) == case["gives"]


@pytest.mark.parametrize("case", CASES["is_working_day"])
def test_knows_working_days(case):
    assert CALENDAR.is_working_day(day(case["day"])) is case["gives"]


@pytest.mark.parametrize("case", CASES["is_confirmed"])
def test_knows_which_years_are_confirmed(case):
    assert CALENDAR.is_confirmed(day(case["day"])) is case["gives"]


def test_2026_has_248_working_days_and_a_week_without_any():
    assert sum(CALENDAR.is_working_day(each) for each in days_of(2026)) == 248
    week = [date(2026, 2, 16) + timedelta(days=n) for n in range(7)]
    assert [CALENDAR.is_working_day(each) for each in week] == [False] * 7


def test_a_projects_own_days_win():
    overrides = CASES["overrides"]
    for case in overrides["is_working_day"]:
        assert OWN.is_working_day(day(case["day"])) is case["gives"], case
    for case in overrides["add_working_days"]:
        assert OWN.add_working_days(day(case["from"]), case["count"]) == day(case["gives"]), case
    assert sum(OWN.is_working_day(each) for each in days_of(2026)) == overrides["working_days_in_2026"]
    assert not OWN.is_confirmed(date(2027, 1, 1))


@pytest.mark.parametrize("year", [2025, 2026])
def test_agrees_with_another_source(year):
    """The `holidays` package lists days off; a swapped weekend is one it says to be worked."""
    china = holidays.country_holidays("CN", years=[year])
    for each in days_of(year):
        assert CALENDAR.is_working_day(each) is china.is_working_day(each), each


def test_an_import_replaces_what_was_unconfirmed():
    imported = {
        "year": 2027,
        "confirmed": True,
        "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}],
    }
    calendar = WorkCalendar([*YEARS, imported])
    assert calendar.is_confirmed(date(2027, 6, 1))
    assert calendar.add_working_days(date(2026, 12, 30), 3) == date(2027, 1, 5)
    assert not WorkCalendar([imported, *YEARS]).is_confirmed(date(2027, 6, 1))


def test_says_so_when_a_date_does_not_exist():
    with pytest.raises(ValueError, match="day is out of range"):
        WorkCalendar(
            [
                {
                    "year": 2026,
                    "confirmed": True,
                    "days": [{"name": "?", "date": "2026-02-30", "isOffDay": True}],
                }
            ]
        )


@given(DAYS, st.integers(1, 30))
def test_counting_by_arithmetic_equals_counting_day_by_day(start, count):
    each, left = start, count
    while left:
        each += timedelta(days=1)
        left -= OWN.is_working_day(each)
    assert OWN.add_working_days(start, count) == each
    assert OWN.working_days_between(start, each) == count
    including = count - OWN.is_working_day(start)
    expected = start if including == 0 else OWN.add_working_days(start, including)
    assert OWN.nth_working_day_including(start, count) == expected


@given(DAYS, DAYS)
def test_between_is_signed_and_adds_up(start, end):
    assert OWN.working_days_between(start, end) == -OWN.working_days_between(end, start)
    low, high = min(start, end), max(start, end)
    worked = sum(OWN.is_working_day(low + timedelta(days=n + 1)) for n in range((high - low).days))
    assert OWN.working_days_between(low, high) == worked
