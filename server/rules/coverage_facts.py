"""What the three-working-day rule is judged from, and what it answers: plain facts without storage (Q1-4.4).

A *unit* is a post itself or one area, by the id of its record; people are user ids. Instants are aware and,
where a device made them, corrected (`business_date.corrected`); days are business days. All periods include
their last day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Mode = Literal["rolling", "cycle"]
State = Literal["paused", "unconfirmed", "overdue", "due_soon", "never_checked", "covered"]
NotCounted = Literal["incomplete", "not_daily", "not_the_inspector"]

# The first that holds is the state of a unit (domain 4).
PRECEDENCE: tuple[State, ...] = ("paused", "unconfirmed", "overdue", "due_soon", "never_checked", "covered")
# Best to worst: the state of a post is the worst of its units. A paused unit says nothing about the others.
SEVERITY: tuple[State, ...] = ("paused", "covered", "never_checked", "due_soon", "unconfirmed", "overdue")


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """检查职责范围: the unit is this inspector's in this period (Q1-4.1)."""

    inspector: str
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class DeputyFacts:
    """代理: ``deputy`` acts for ``inspector`` in this period (Q1-4.2d)."""

    inspector: str
    deputy: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class PauseFacts:
    """暂停 of this unit; one that a post hands down to its areas is given to each of them (Q1-4.4l)."""

    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """单元检查. ``by``: who made it. ``ended_at``: corrected. ``business_date``: of ``ended_at`` in the
    shift of the unit, never the day that the device wrote. ``arrived_at``: when the server got it; None: at
    once."""

    id: str
    by: str
    ended_at: datetime
    business_date: date
    arrived_at: datetime | None = None
    complete: bool = True
    level: str = "daily"


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """覆盖单元 with all that is known about it. ``deputies`` may be those of the whole project."""

    unit: str
    post: str
    area: str | None
    shift: str
    effective_from: date
    effective_until: date | None = None
    scopes: Sequence[ScopeFacts] = ()
    deputies: Sequence[DeputyFacts] = ()
    pauses: Sequence[PauseFacts] = ()
    checks: Sequence[CheckFacts] = ()


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """One device of one person. ``unsent_zero_at``: when it last reported that nothing was unsent;
    ``earlier_zeros``: the times before that, as far as they are kept. With them the history of breaches stays
    exact; without them a breach may seem to have been raised as late as its grace ended."""

    last_contact_at: datetime | None = None
    unsent_zero_at: datetime | None = None
    earlier_zeros: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class CoverageSettings:
    """The project's settings. ``cycle_anchor``: first day of a block; without it blocks begin at the
    start."""

    coverage_start: date
    mode: Mode = "rolling"
    cycle_anchor: date | None = None
    grace_hours: int = 24


@dataclass(frozen=True, slots=True)
class UnitState:
    """How a unit stands (Q1-4.4j).

    ``last_checked_on``, ``last_check``: the last check that counts since the unit (re)started. ``due_on``:
    None while paused. ``working_days_left``: 0 on the due day, negative when overdue by so many working
    days, 0 also if none has passed since. ``calendar_unconfirmed``: a year that the due day depends on is
    (X-13).
    """

    unit: str
    post: str
    area: str | None
    inspector: str | None
    acting_deputy: str | None
    last_checked_on: date | None
    last_check: str | None
    due_on: date | None
    state: State
    working_days_left: int | None
    calendar_unconfirmed: bool


@dataclass(frozen=True, slots=True)
class PostState:
    """How a post with its areas stands (Q1-4.4b). ``missing``: the units that are overdue or may be."""

    post: str
    state: State
    covered: bool
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """超期记录 (Q1-4.4k). ``inspector``: of the due day. ``ended_on``: when it was checked late, paused or
    closed; None: still open. ``working_days_late``: length so far, 0 if withdrawn. ``note``: `late_sync` if
    withdrawn."""

    unit: str
    inspector: str | None
    due_on: date
    working_days_late: int
    raised_at: datetime
    ended_on: date | None
    withdrawn: bool
    withdrawn_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ScopeProblem:
    """A unit without inspector (``inspectors`` empty) or with more than one (Q1-4.1c)."""

    unit: str
    post: str
    area: str | None
    inspectors: tuple[str, ...]
