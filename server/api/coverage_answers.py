"""From judged facts to the answers of the coverage endpoints (`schemas.messages.coverage`, `.office`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from server.rules.calendar import WorkCalendar
from server.rules.coverage_facts import (
    PRECEDENCE,
    Breach,
    CoverageSettings,
    DeviceFacts,
    PostState,
    UnitFacts,
    UnitState,
)

Data = Mapping[str, Any]
Answer = dict[str, Any]
GROUPS = (("team", "lead"), ("subcontract_item", "owner"), ("other_item", "appointed_inspector"))


class DeviceRow(Protocol):
    """One user's part of a device at its last contact."""

    @property
    def device(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def last_contact_at(self) -> datetime: ...
    @property
    def unsent(self) -> int: ...
    @property
    def unsent_zero_at(self) -> datetime | None: ...
    def facts(self, earlier: Iterable[datetime] = ()) -> DeviceFacts: ...


Devices = Mapping[str, Sequence[DeviceRow]]
"""By person, the one heard of last first."""


class SpaceFacts(Protocol):
    """A project as coverage sees it; ``records``: master data by kind, then id."""

    @property
    def space(self) -> str: ...
    @property
    def settings(self) -> CoverageSettings: ...
    @property
    def records(self) -> Mapping[str, Mapping[str, Data]]: ...
    @property
    def units(self) -> Sequence[UnitFacts]: ...
    @property
    def calendar(self) -> WorkCalendar: ...
    @property
    def centre(self) -> Data: ...
    def items(self, version: int) -> Mapping[str, Data]: ...
    def unit(self, id: str) -> UnitFacts | None: ...
    def inspectors(self) -> set[str]: ...


@dataclass(frozen=True)
class Judged:
    """A project as it stands at one moment."""

    facts: SpaceFacts
    states: Sequence[UnitState]
    posts: Sequence[PostState]
    as_of: datetime


def text(moment: datetime) -> str:
    """An instant as on the wire."""
    return moment.isoformat(timespec="milliseconds")


def coverage_answer(judged: Judged, devices: Devices) -> Answer:
    """`GET /coverage/{space}`."""
    facts = judged.facts
    return {
        "mode": facts.settings.mode,
        "as_of": text(judged.as_of),
        "units": [unit_state(facts, state, devices) for state in judged.states],
        "posts": [_post_state(facts, post) for post in judged.posts],
        "groups": _groups(facts, judged.states),
    }


def nothing_to_cover(as_of: datetime) -> Answer:
    """The same for a space without units, such as headquarters."""
    return {"mode": "rolling", "as_of": text(as_of), "units": [], "posts": [], "groups": []}


def unit_state(facts: SpaceFacts, state: UnitState, devices: Devices) -> Answer:
    """One unit; its device is that of whoever is to check it today, the deputy if there is one."""
    post = facts.records["post"][state.post]
    own = post if state.area is None else facts.records["area"][state.area]
    heard = devices.get(state.acting_deputy or state.inspector or "", ())
    return {
        "unit": state.unit,
        "post": state.post,
        "area": state.area,
        "inspector": state.inspector,
        "last_checked_on": _day(state.last_checked_on),
        "due_on": _day(state.due_on),
        "state": state.state,
        "last_check": state.last_check,
        "working_days_left": state.working_days_left,
        "calendar_unconfirmed": state.calendar_unconfirmed,
        **_names(own),
        "team": post.get("team"),
        "item": post.get("item"),
        "unsent": sum(row.unsent for row in heard) if heard else None,
        "last_contact_at": text(heard[0].last_contact_at) if heard else None,
    }


def project_row(judged: Judged) -> Answer:
    """One project of `GET /coverage`."""
    counts = Counter(state.state for state in judged.states)
    return {
        "space": judged.facts.space,
        **_names(judged.facts.centre),
        "mode": judged.facts.settings.mode,
        "as_of": text(judged.as_of),
        "counts": {state: counts[state] for state in PRECEDENCE},
        "units": len(judged.states),
        "posts": len(judged.posts),
        "posts_covered": sum(post.covered for post in judged.posts),
    }


def history_day(day: date, judged: Judged) -> Answer:
    """One day of `GET /coverage/{space}/history`."""
    return {
        "day": day.isoformat(),
        "posts": len(judged.posts),
        "posts_covered": sum(post.covered for post in judged.posts),
        "overdue_units": sum(state.state == "overdue" for state in judged.states),
    }


def breach_row(facts: SpaceFacts, breach: Breach) -> Answer:
    """One breach in the history of a unit."""
    return {
        "due_on": breach.due_on.isoformat(),
        "inspector": person(facts, breach.inspector),
        "working_days_late": breach.working_days_late,
        "raised_at": text(breach.raised_at),
        "ended_on": _day(breach.ended_on),
        "withdrawn_at": None if breach.withdrawn_at is None else text(breach.withdrawn_at),
        "note": breach.note,
    }


def device_row(row: DeviceRow) -> Answer:
    """A device and its last contact."""
    return {
        "device": row.device,
        "name": row.name,
        "person": row.person,
        "last_contact_at": text(row.last_contact_at),
        "unsent": row.unsent,
    }


def person(facts: SpaceFacts, id: str | None) -> Answer | None:
    """A person by name; somebody without a record here by his id."""
    if id is None:
        return None
    return {"id": id, "name": facts.records["person"].get(id, {}).get("name", id)}


def named(facts: SpaceFacts, kind: str, id: str) -> Answer:
    """A post or area by name."""
    return {"id": id, **_names(facts.records[kind][id])}


def _post_state(facts: SpaceFacts, post: PostState) -> Answer:
    return {
        "post": post.post,
        "state": post.state,
        "covered": post.covered,
        "missing": list(post.missing),
        **_names(facts.records["post"][post.post]),
    }


def _groups(facts: SpaceFacts, states: Iterable[UnitState]) -> list[Answer]:
    """Teams, items and people that units are grouped under."""
    groups = [
        {"id": id, "kind": kind, **_names(data), "lead": data.get(lead)}
        for kind, lead in GROUPS
        for id, data in facts.records[kind].items()
    ]
    inspectors = dict.fromkeys(
        someone for state in states for someone in (state.inspector, state.acting_deputy) if someone
    )
    people = [{**(person(facts, id) or {}), "kind": "person"} for id in inspectors]
    return groups + people


def _names(data: Data) -> Answer:
    return {"code": data["code"], "name": data["name"], "name_en": data.get("name_en")}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
