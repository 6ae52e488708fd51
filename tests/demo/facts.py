"""What the real coverage rule is fed with: facts of a plan of rounds, and of the records of a whole demo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any

from server.demo.generate import DemoPlan, DemoPush, Import
from server.demo.rounds import Plan
from server.demo.tables import inspectors, work_calendar
from server.rules.business_date import BUSINESS_ZONE
from server.rules.coverage import judge
from server.rules.coverage_facts import (
    CheckFacts,
    CoverageSettings,
    DeviceFacts,
    PauseFacts,
    ScopeFacts,
    UnitFacts,
    UnitState,
)
from server.rules.unit_facts import UnitRecords, unit_facts

LONG_AGO = date(2025, 1, 1)
STATES = ("covered", "due_soon", "overdue", "unconfirmed", "paused", "never_checked")


def at(day: date, hour: int = 9, minute: int = 30) -> datetime:
    """A moment of a day in the business zone."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BUSINESS_ZONE)


def counted(states: list[UnitState]) -> dict[str, int]:
    """How many units are in each state, by the codes of domain 4."""
    found = Counter(str(unit.state) for unit in states)
    return {state: found[state] for state in STATES}


def states_of_plan(plan: Plan, space: str) -> list[UnitState]:
    """How the units of a project stand after these rounds, unit by the code of post or area."""
    story = plan.stories[space]
    pauses: dict[str, list[PauseFacts]] = {}
    for row in story.pauses:
        pauses.setdefault(row.unit, []).append(PauseFacts(row.starts_on, row.ends_on))
    checks: dict[str, list[CheckFacts]] = {}
    devices = {}
    for rounds in plan.rounds[space]:
        name = rounds.inspector.name
        for sync in rounds.syncs:
            for visit in sync.visits:
                check = CheckFacts("", name, visit.ended_at, visit.business_date, sync.arrived_at)
                checks.setdefault(visit.unit.code, []).append(check)
        devices[name] = [DeviceFacts(rounds.syncs[-1].arrived_at, rounds.syncs[-1].arrived_at)]
    units = [
        UnitFacts(
            unit=unit.code,
            post=unit.post,
            area=None if unit.code == unit.post else unit.code,
            shift=unit.shift,
            effective_from=LONG_AGO,
            scopes=_scopes(head.name),
            pauses=pauses.get(unit.code, ()),
            checks=checks.get(unit.code, [])[::-1],  # the newest first: the rule then looks at few of them
        )
        for head in inspectors(space)
        for unit in head.units
    ]
    return judge(units, devices, CoverageSettings(plan.starts_on), work_calendar(), plan.now)


@cache
def _scopes(inspector: str) -> tuple[ScopeFacts, ...]:
    return (ScopeFacts(inspector, LONG_AGO),)


def records(plan: DemoPlan, space: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The records of a space by kind and id, patches applied, as a device would hold them."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for change in changes(plan, space):
        of_kind = found.setdefault(change["kind"], {})
        if change["op"] == "create":
            assert change["record"] not in of_kind
            of_kind[change["record"]] = dict(change["set"])
        else:
            of_kind[change["record"]].update(change["set"])
    return found


def changes(plan: DemoPlan, space: str | None = None) -> Iterator[dict[str, Any]]:
    """All changes of a demo, or of one space of it, in the order of their arrival."""
    sent: list[Import | DemoPush] = [*plan.imports, *plan.pushes]
    for one in sent:
        if space in (None, one.space):
            for commit in one.commits:
                yield from commit["changes"]


def facts_of_records(plan: DemoPlan, space: str) -> list[UnitFacts]:
    """The facts that the server would make of the records of a demo."""
    held = records(plan, space)
    return unit_facts(
        UnitRecords(
            posts=held["post"],
            areas=held["area"],
            scopes=list(held["inspector_scope"].values()),
            pauses=list(held.get("pause", {}).values()),
            checks=held["area_check"],
            arrived_at={
                change["record"]: push.arrived_at
                for push in plan.pushes
                for commit in push.commits
                for change in commit["changes"]
            },
        )
    )


def states_of_records(plan: DemoPlan, space: str) -> list[UnitState]:
    """How the units of a project stand by the records of a demo, and by the last heartbeat of each device."""
    centre = next(iter(records(plan, space)["project_centre"].values()))
    settings = CoverageSettings(
        date.fromisoformat(centre["coverage_start"]), centre["coverage_mode"], None, centre["grace_hours"]
    )
    zeros = {plan.user(push.account): push.arrived_at for push in plan.pushes if push.unsent == 0}
    devices = {user: [DeviceFacts(zero, zero)] for user, zero in zeros.items()}
    return judge(facts_of_records(plan, space), devices, settings, work_calendar(), plan.now)
