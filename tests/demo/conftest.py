"""Whole demos are made once for all tests that read them."""

from __future__ import annotations

from datetime import datetime

import pytest

from server.demo.generate import DemoPlan, generate

# An ordinary Monday morning, the first working day after National Day, and the night before New Year 2027
# (from then on the calendar is unconfirmed) in the middle of a night shift.
MOMENTS = ("2026-11-23T09:30:00+08:00", "2026-10-08T14:05:00+08:00", "2027-01-01T02:40:00+08:00")
_made: dict[str, DemoPlan] = {}


def demo_of(moment: str) -> DemoPlan:
    """The demo of a moment."""
    if moment not in _made:
        _made[moment] = generate(datetime.fromisoformat(moment))
    return _made[moment]


@pytest.fixture(params=MOMENTS)
def demo(request: pytest.FixtureRequest) -> DemoPlan:
    """A whole demo, of each of these moments in turn."""
    return demo_of(request.param)


@pytest.fixture
def november() -> DemoPlan:
    """The demo of 23 November 2026, 09:30."""
    return demo_of(MOMENTS[0])
