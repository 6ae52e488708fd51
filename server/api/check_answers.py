"""From a recorded check to what the office shows of it (`schemas.messages.office.CheckRow`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from server.api.coverage_answers import Answer, Data, SpaceFacts, person, text
from server.evidence.states import BlobState
from server.rules.business_date import due_ends_at, is_clock_skewed
from server.rules.coverage import is_over, why_not_counted
from server.rules.coverage_facts import CheckFacts, NotCounted, UnitFacts
from server.rules.scoring import score

# Our rules say what is wrong with the check, the office what is wrong with counting it.
NOT_COUNTED: dict[NotCounted, str] = {
    "incomplete": "incomplete",
    "not_daily": "wrong_level",
    "not_the_inspector": "not_in_scope",
}


class PhotoRecord(Protocol):
    """A photo."""

    @property
    def id(self) -> str: ...
    @property
    def data(self) -> Data: ...


class PartRecord(Protocol):
    """A finding or photo of a check."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def audience(self) -> Collection[str]: ...
    @property
    def data(self) -> Data: ...


class CheckRecord(Protocol):
    """A check as recorded and as it counts."""

    @property
    def id(self) -> str: ...
    @property
    def audience(self) -> Collection[str]: ...
    @property
    def data(self) -> Data: ...
    @property
    def facts(self) -> CheckFacts: ...
    @property
    def arrived_at(self) -> datetime: ...
    @property
    def offset_ms(self) -> int: ...
    @property
    def device(self) -> str: ...
    @property
    def device_name(self) -> str | None: ...
    @property
    def parts(self) -> Sequence[PartRecord]: ...


Items = Mapping[str, Data]
"""Check items of one version by code."""
PhotoStates = Callable[[Sequence[PartRecord]], Mapping[str, BlobState]]
"""From photo records to the states of their bytes, by record."""


def check_row(
    facts: SpaceFacts,
    unit: UnitFacts,
    check: CheckRecord,
    parts: Sequence[PartRecord],
    items: Items,
    states: Mapping[str, BlobState],
    now: datetime,
) -> Answer:
    """One check; ``parts`` are those of its findings and photos that the reader may read."""
    data, made = check.data, check.facts
    why_not = _why_not(unit, made, now)
    result = score(items.values(), data["results"])
    return {
        "id": check.id,
        "level": data["level"],
        "started_at": data["started_at"],
        "ended_at": data["ended_at"],
        "corrected_ended_at": text(made.ended_at),
        "clock_offset_ms": check.offset_ms,
        "clock_skewed": is_clock_skewed(made.ended_at, check.offset_ms, False, None, check.arrived_at),
        "arrived_at": text(check.arrived_at),
        "arrived_late": check.arrived_at >= due_ends_at(made.business_date, unit.shift),
        "business_date": made.business_date.isoformat(),
        "inspector": person(facts, data["inspector"]),
        "acting_for": person(facts, data.get("acting_for")),
        "device": _device(check),
        "counts": why_not is None,
        "why_not": why_not,
        "standard_version": data["standard_version"],
        "result": data["result"],
        "score": result.score,
        "conformity": result.conformity_rate,
        "remark": data.get("remark"),
        "results": [_result(row, items) for row in data["results"]],
        "findings": [_finding(facts, part) for part in parts if part.kind == "finding"],
        "photos": [photo_row(part, states[part.id]) for part in parts if part.kind == "photo"],
    }


def _why_not(unit: UnitFacts, made: CheckFacts, now: datetime) -> str | None:
    why_not = why_not_counted(unit, made)
    if why_not is not None:
        return NOT_COUNTED[why_not]
    return None if is_over(made.ended_at, now) else "ahead_of_time"


def _device(check: CheckRecord) -> Answer | None:
    if check.device_name is None:
        return None
    return {"device": check.device, "name": check.device_name, "person": check.data["inspector"]}


def _result(row: Data, items: Items) -> Answer:
    item = items.get(row["item"], {})
    return {
        "item": row["item"],
        "name": item.get("name", row["item"]),
        "name_en": item.get("name_en"),
        "criterion": item.get("criterion", ""),
        "discipline": item.get("discipline"),
        "weight": item.get("weight"),
        "result": row["result"],
        "note": row.get("note"),
        "no_photo_reason": row.get("no_photo_reason"),
        "photos": row.get("photos") or [],
    }


FINDING_FIELDS = ("item", "description", "proposed_class", "class", "attribution", "disposition", "due_at",
                  "state", "found_at", "no_photo_reason")  # fmt: skip
PHOTO_FIELDS = ("item", "sha256", "mime", "width", "height", "taken_at", "source")


def _finding(facts: SpaceFacts, part: PartRecord) -> Answer:
    photos = [element["value"] for element in part.data.get("photos") or ()]
    responsible = person(facts, part.data.get("responsible_person"))
    return {
        "id": part.id,
        **_fields(part.data, FINDING_FIELDS),
        "responsible_person": responsible,
        "photos": photos,
    }


def photo_row(part: PhotoRecord, state: BlobState) -> Answer:
    """A photo record and what became of its bytes (`schemas.messages.office.PhotoRow`)."""
    reason = state.reason
    return {
        "id": part.id,
        **_fields(part.data, PHOTO_FIELDS),
        "state": state.state,
        "reason_code": reason and reason.code,
        "reason": reason and reason.message,
        "reason_en": reason and reason.message_en,
    }


def _fields(data: Data, names: Sequence[str]) -> dict[str, Any]:
    return {name: data.get(name) for name in names}
