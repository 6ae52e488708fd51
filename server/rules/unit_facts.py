"""From records of the contract to the facts that coverage is judged from (requirements Q1-4.1, Q1-4.2,
Q1-4.4l)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from server.rules.business_date import business_date, corrected
from server.rules.coverage_facts import CheckFacts, DeputyFacts, PauseFacts, ScopeFacts, UnitFacts

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UnitRecords:
    """Undeleted records of one space. Posts, areas and checks by id, the rest in any order.

    ``arrived_at``: when the server got a check, by its id. ``void``: ids of inspections that were voided or
    rejected; their checks count no more.
    """

    posts: Mapping[str, Data]
    areas: Mapping[str, Data]
    scopes: Sequence[Data] = ()
    deputies: Sequence[Data] = ()
    pauses: Sequence[Data] = ()
    checks: Mapping[str, Data] = field(default_factory=dict)
    arrived_at: Mapping[str, datetime] = field(default_factory=dict)
    void: Collection[str] = ()


def unit_facts(records: UnitRecords) -> list[UnitFacts]:
    """One ``UnitFacts`` per post and per area, each post followed by its areas, in the order given.

    An area without its post is left out, and one runs only while its post does.
    """
    areas: dict[str, list[tuple[str, Data]]] = {}
    for area, data in records.areas.items():
        areas.setdefault(data["post"], []).append((area, data))
    checks: dict[str, list[CheckFacts]] = {}
    for check, data in records.checks.items():
        if data["post"] in records.posts:
            shift = records.posts[data["post"]]["shift"]
            complete = data["inspection"] not in records.void
            made = check_facts(check, data, shift, records.arrived_at.get(check), complete)
            checks.setdefault(data["unit"], []).append(made)
    deputies = tuple(
        DeputyFacts(row["inspector"], row["deputy"], _day(row["starts_on"]), _day(row["ends_on"]))
        for row in records.deputies
    )
    units = []
    for post, data in records.posts.items():
        scopes = scopes_of(data, records.scopes)
        units.append(_unit(post, post, None, data, data, scopes, deputies, records, checks))
        for area, own in areas.get(post, ()):
            units.append(_unit(area, post, area, data, own, scopes, deputies, records, checks))
    return units


def scopes_of(post: Data, scopes: Iterable[Data]) -> tuple[ScopeFacts, ...]:
    """The inspectors of a post: those of its team or item, since it belongs there (Q1-4.2a).

    A moved post only says since when, not where it was before. Up to then a check by any daily inspector of
    that time counts, else moving a post would make its last check void.
    """
    since = _day_or_none(post.get("belongs_from"))
    facts = []
    for scope in scopes:
        starts_on, ends_on = _day(scope["starts_on"]), _day_or_none(scope.get("ends_on"))
        own = [scope.get("team"), scope.get("item")] == [post.get("team"), post.get("item")]
        if own:
            facts.append(ScopeFacts(scope["inspector"], starts_on, ends_on))
        elif since is not None and starts_on < since:
            before = since - timedelta(days=1)
            facts.append(
                ScopeFacts(scope["inspector"], starts_on, before if ends_on is None else min(ends_on, before))
            )
    return tuple(facts)


def pauses_of(unit: str, post: str, pauses: Iterable[Data]) -> tuple[PauseFacts, ...]:
    """The pauses of a unit: its own, and those that its post hands down (``with_areas``)."""
    return tuple(
        PauseFacts(_day(row["starts_on"]), _day_or_none(row.get("ends_on")))
        for row in pauses
        if row["unit"] == unit or (row["unit"] == post and row["with_areas"])
    )


def check_facts(
    check: str, data: Data, shift: str, arrived_at: datetime | None = None, complete: bool = True
) -> CheckFacts:
    """A recorded check as evidence: its end without the error of the clock, and the business date of that in
    the shift of the unit, whatever day the device wrote (Q1-4.4e, X-09)."""
    ended_at = corrected(_instant(data["ended_at"]), data.get("clock_offset_ms") or 0)
    return CheckFacts(
        id=check,
        by=data["inspector"],
        ended_at=ended_at,
        business_date=business_date(ended_at, shift),
        arrived_at=arrived_at,
        complete=complete,
        level=data["level"],
    )


def _unit(
    unit: str,
    post: str,
    area: str | None,
    post_data: Data,
    data: Data,
    scopes: tuple[ScopeFacts, ...],
    deputies: tuple[DeputyFacts, ...],
    records: UnitRecords,
    checks: Mapping[str, list[CheckFacts]],
) -> UnitFacts:
    until = [_day_or_none(entry.get("effective_until")) for entry in (post_data, data)]
    return UnitFacts(
        unit=unit,
        post=post,
        area=area,
        shift=post_data["shift"],
        effective_from=max(_day(post_data["effective_from"]), _day(data["effective_from"])),
        effective_until=min((day for day in until if day is not None), default=None),
        scopes=scopes,
        deputies=deputies,
        pauses=pauses_of(unit, post, records.pauses),
        checks=sorted(checks.get(unit, ()), key=lambda check: check.ended_at),
    )


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _day_or_none(value: date | str | None) -> date | None:
    return None if value is None else _day(value)


def _instant(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
