"""What stands behind a cell of the board: a unit with breaches and checks, and one check whole (Q1-4.4j)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from server.api.check_answers import CheckRecord, PartRecord, check_row
from server.api.coverage_answers import (
    Answer,
    DeviceRow,
    Devices,
    SpaceFacts,
    breach_row,
    device_row,
    named,
    person,
    unit_state,
)
from server.api.coverage_board import Loader, first_day
from server.evidence.ports import HeldBlob
from server.evidence.states import BlobState, RefusalRow, state_of
from server.failures import Failure
from server.rules.breaches import breaches
from server.rules.coverage import judge
from server.rules.coverage_facts import DeviceFacts, UnitFacts, UnitState


class UnitLoader(Loader, Protocol):
    """Where the facts come from, those of one unit whole."""

    def checks_of(self, unit: UnitFacts) -> UnitFacts: ...
    def zeros(self, people: Collection[str]) -> Mapping[tuple[str, str], Sequence[datetime]]: ...


class Checks(Protocol):
    """Where checks are read."""

    def page(self, space: str, unit: str, before: str | None, limit: int) -> Sequence[CheckRecord]: ...
    def one(self, space: str, check: str) -> CheckRecord | None: ...


class Blobs(Protocol):
    """What is known of the bytes of photos."""

    def held_among(self, hashes: Collection[str]) -> Mapping[str, HeldBlob]: ...
    def refusals_among(self, hashes: Collection[str]) -> Sequence[RefusalRow]: ...


class UnitHistory:
    """Answers about one unit or check. ``audiences``: whose records the reader may see in the space."""

    def __init__(self, loader: UnitLoader, checks: Checks, blobs: Blobs, now: Callable[[], datetime]) -> None:
        self.loader, self.checks, self.blobs, self.now = loader, checks, blobs, now

    def unit(
        self, space: str, unit: str, before: str | None, limit: int, audiences: Collection[str]
    ) -> Answer:
        """`GET /coverage/{space}/units/{unit}`. Raises `Failure` ``not_found``, also for a closed unit."""
        now = self.now()
        facts = self._facts(space, now)
        found = facts.unit(unit)
        if found is None:
            raise Failure("not_found")
        whole = self.loader.checks_of(found)
        people = facts.inspectors()
        devices, zeros = self.loader.devices(people), self.loader.zeros(people)
        reports = _reports(devices, zeros)
        state = next(iter(judge([whole], reports, facts.settings, facts.calendar, now)), None)
        if state is None:
            raise Failure("not_found")
        history = breaches([whole], reports, facts.settings, facts.calendar, now)
        checks = self.checks.page(space, unit, before, limit + 1)
        return {
            "unit": unit_state(facts, state, devices),
            "post": named(facts, "post", found.post),
            "inspector": person(facts, state.inspector),
            "acting_deputy": person(facts, state.acting_deputy),
            "devices": [device_row(row) for row in _of_those_in_charge(state, devices)],
            "breaches": [breach_row(facts, breach) for breach in reversed(history)],
            "checks": self._rows(facts, found, checks[:limit], audiences),
            "more": len(checks) > limit,
        }

    def check(self, space: str, check: str, audiences: Collection[str]) -> Answer:
        """`GET /checks/{space}/{check}`. Raises `Failure` ``not_found``."""
        facts = self._facts(space, self.now())
        found = self.checks.one(space, check)
        unit = None if found is None else facts.unit(found.data["unit"])
        rows = [] if found is None or unit is None else self._rows(facts, unit, [found], audiences)
        if unit is None or not rows:
            raise Failure("not_found")
        return {
            "space": space,
            "unit": named(facts, "post" if unit.area is None else "area", unit.unit),
            "post": named(facts, "post", unit.post),
            "check": rows[0],
        }

    def _facts(self, space: str, now: datetime) -> SpaceFacts:
        facts = self.loader.space(space, first_day(now))
        if facts is None:
            raise Failure("not_found")
        return facts

    def _rows(
        self, facts: SpaceFacts, unit: UnitFacts, checks: Iterable[CheckRecord], audiences: Collection[str]
    ) -> list[Answer]:
        now = self.now()
        readable = [check for check in checks if _may_see(check, audiences)]
        parts = {check.id: [part for part in check.parts if _may_see(part, audiences)] for check in readable}
        states = self._photo_states(part for some in parts.values() for part in some)
        return [
            check_row(
                facts, unit, check, parts[check.id], facts.items(check.data["standard_version"]), states, now
            )
            for check in readable
        ]

    def _photo_states(self, parts: Iterable[PartRecord]) -> dict[str, BlobState]:
        photos = [part for part in parts if part.kind == "photo"]
        hashes = {photo.data["sha256"] for photo in photos}
        held, refusals = self.blobs.held_among(hashes), self.blobs.refusals_among(hashes)
        return {
            photo.id: state_of(photo.data["sha256"], photo.data["mime"], photo.author, held, refusals)
            for photo in photos
        }


def _may_see(record: CheckRecord | PartRecord, audiences: Collection[str]) -> bool:
    return any(token in audiences for token in record.audience)


def _reports(
    devices: Devices, zeros: Mapping[tuple[str, str], Sequence[datetime]]
) -> dict[str, list[DeviceFacts]]:
    return {
        someone: [row.facts(zeros.get((someone, row.device), ())) for row in rows]
        for someone, rows in devices.items()
    }


def _of_those_in_charge(state: UnitState, devices: Devices) -> list[DeviceRow]:
    people = dict.fromkeys(one for one in (state.acting_deputy, state.inspector) if one)
    return [row for one in people for row in devices.get(one, ())]
