"""Business dates and clocks (Q1-4.4e, X-09)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.business_date import business_date, corrected, due_ends_at, is_clock_skewed
from tests.rules.cases import day, instant, instant_or_none, read

CASES = read("business_date")


@pytest.mark.parametrize("case", CASES["business_date"])
def test_business_date(case):
    assert business_date(instant(case["instant"]), case["shift"]) == day(case["gives"])


@pytest.mark.parametrize("case", CASES["due_ends_at"])
def test_due_ends_at(case):
    assert due_ends_at(day(case["due_on"]), case["shift"]) == instant(case["gives"])


@pytest.mark.parametrize("case", CASES["corrected"])
def test_corrected(case):
    assert corrected(instant(case["raw"]), case["offset_ms"]) == instant(case["gives"])


@pytest.mark.parametrize("case", CASES["is_clock_skewed"], ids=lambda case: case["why"])
def test_is_clock_skewed(case):
    skewed = is_clock_skewed(
        instant(case["when"]),
        case["offset_ms"],
        case["jumped"],
        instant_or_none(case["last_contact_at"]),
        instant(case["arrived_at"]),
    )
    assert skewed is case["gives"]


@given(
    st.integers(-30_000_000_000, 32_000_000_000).map(
        lambda s: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
    ),
    st.sampled_from(["day", "early", "middle", "night"]),
)
def test_a_day_ends_exactly_where_the_next_business_date_begins(when, shift):
    ends_at = due_ends_at(business_date(when, shift), shift)
    assert when < ends_at <= when + timedelta(days=1)
    assert business_date(ends_at, shift) == business_date(when, shift) + timedelta(days=1)


def test_clocks_at_the_edge_of_time_stop_nothing():
    for shift in ("day", "night"):
        assert business_date(datetime(9999, 12, 31, 23, tzinfo=UTC), shift).year == 9999
        assert business_date(datetime(1, 1, 1, 0, tzinfo=UTC), shift) == date(1, 1, 1)
        assert due_ends_at(date.max, shift).year == 9999
    assert corrected(datetime(9999, 1, 1, tzinfo=UTC), -(2**45)).year == 9999
    assert corrected(datetime(2, 1, 1, tzinfo=UTC), 2**45).year == 1
