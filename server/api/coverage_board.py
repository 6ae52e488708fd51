"""How whole projects stand: now, at another moment, and on the last working days (Q1-4.4j).

Answers about now are remembered until a head or a contact moved or the minute turned, so that any number of
boards may poll.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol, TypeVar, cast

import orjson

from server.api.coverage_answers import (
    Answer,
    Devices,
    Judged,
    SpaceFacts,
    coverage_answer,
    history_day,
    nothing_to_cover,
    project_row,
)
from server.rules.business_date import BUSINESS_ZONE, business_date
from server.rules.coverage import judge, post_states

DAY = timedelta(days=1)
T = TypeVar("T")


class Loader(Protocol):
    """Where the facts come from."""

    def space(self, space: str, first: date) -> SpaceFacts | None: ...
    def devices(self, people: Collection[str]) -> Devices: ...


@dataclass(frozen=True)
class Kept:
    """An answer and what it was made from."""

    facts: SpaceFacts
    basis: tuple[object, ...]
    answer: Any


class CoverageBoard:
    """Answers about whole spaces."""

    def __init__(self, loader: Loader, now: Callable[[], datetime]) -> None:
        self.loader, self.now = loader, now
        self._kept: dict[tuple[str, str], Kept] = {}

    def coverage(self, space: str, at: datetime | None = None) -> bytes:
        """`GET /coverage/{space}` as JSON; ``at``: another moment than now, judged by what is known now."""
        moment = self.now() if at is None else at
        facts = self.loader.space(space, first_day(moment))
        if facts is None:
            return orjson.dumps(nothing_to_cover(moment))
        devices = self._devices(facts)

        def make() -> bytes:
            return orjson.dumps(coverage_answer(judged(facts, devices, moment), devices))

        return make() if at is not None else self._keep("coverage", facts, _present(devices, moment), make)

    def project(self, space: str) -> Answer | None:
        """One row of `GET /coverage`; ``None`` for a space that is no project."""
        now = self.now()
        facts = self.loader.space(space, first_day(now))
        if facts is None:
            return None
        devices = self._devices(facts)
        return self._keep(
            "project", facts, _present(devices, now), lambda: project_row(judged(facts, devices, now))
        )

    def history(self, space: str, days: int) -> Answer:
        """`GET /coverage/{space}/history`: how the last ``days`` working days ended, none before the start of
        coverage; today as it stands now."""
        now = self.now()
        facts = self.loader.space(space, first_day(now))
        asked = [] if facts is None else _working_days(facts, now, days)
        wide = self.loader.space(space, asked[0] - DAY) if asked else None
        if wide is None:
            return {"days": []}
        devices = self._devices(wide)
        today = now.astimezone(BUSINESS_ZONE).date()

        def row(day: date) -> Answer:
            return history_day(day, judged(wide, devices, min(end_of(day), now)))

        past = self._keep(
            f"past {days}",
            wide,
            (today, _reports(devices)),
            lambda: [row(day) for day in asked if day < today],
        )
        present = self._keep(
            "today", wide, _present(devices, now), lambda: [row(day) for day in asked if day == today]
        )
        return {"days": past + present}

    def _devices(self, facts: SpaceFacts) -> Devices:
        return self.loader.devices(facts.inspectors())

    def _keep(self, what: str, facts: SpaceFacts, basis: tuple[object, ...], make: Callable[[], T]) -> T:
        """What ``make`` answers, or answered for the same facts and basis."""
        known = self._kept.get((what, facts.space))
        if known is None or known.facts is not facts or known.basis != basis:
            known = Kept(facts, basis, make())
            self._kept[what, facts.space] = known
        return cast(T, known.answer)


def judged(facts: SpaceFacts, devices: Devices, moment: datetime) -> Judged:
    """A project as it stands at a moment."""
    reports = {someone: [row.facts() for row in rows] for someone, rows in devices.items()}
    states = judge(facts.units, reports, facts.settings, facts.calendar, moment)
    return Judged(facts, states, post_states(states), moment)


def first_day(moment: datetime) -> date:
    """The earliest business day at a moment: a night shift still belongs to yesterday."""
    return moment.astimezone(BUSINESS_ZONE).date() - DAY


def end_of(day: date) -> datetime:
    """The last moment of a day in the business zone."""
    return datetime.combine(day, time.max, BUSINESS_ZONE)


def _working_days(facts: SpaceFacts, now: datetime, count: int) -> list[date]:
    """The last working days up to today, the oldest first."""
    day, start = now.astimezone(BUSINESS_ZONE).date(), facts.settings.coverage_start
    found: list[date] = []
    while day >= start and len(found) < count:
        if facts.calendar.is_working_day(day):
            found.append(day)
        day -= DAY
    return found[::-1]


def _present(devices: Devices, now: datetime) -> tuple[object, ...]:
    """What an answer about now depends on besides the facts: contacts, and the minute."""
    rows = [row for some in devices.values() for row in some]
    contacts = sorted((row.person, row.device, row.last_contact_at, row.unsent) for row in rows)
    return now.replace(second=0, microsecond=0), contacts


def _reports(devices: Devices) -> Sequence[object]:
    """What answers about past days depend on: since which end of a shift each device has sent all."""
    return sorted(
        (row.person, row.device, row.unsent_zero_at is not None and _shifts_of(row.unsent_zero_at))
        for some in devices.values()
        for row in some
    )


def _shifts_of(moment: datetime) -> tuple[date, date]:
    """The business days of a moment by day and by night: they change when units turn overdue."""
    return business_date(moment, "day"), business_date(moment, "night")
