"""From a conflict's sides to what the desk shows of them (`schemas.messages.conflicts.ConflictSide`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from schemas.fields import UUID_PATTERN
from server.rules.business_date import corrected

Data = Mapping[str, Any]
Answer = dict[str, Any]
_UUID = re.compile(UUID_PATTERN)


def sides_of(data: Data) -> list[Data]:
    """Base, current side and rivals of a conflict, as far as there are any."""
    return [side for side in (data.get("base"), data.get("current"), *data["rivals"]) if side is not None]


def competing(data: Data) -> list[Data]:
    """The current side and its rivals."""
    return [data["current"], *data["rivals"]]


def side_answer(side: Data | None, names: Mapping[str, str], devices: Mapping[str, str]) -> Answer | None:
    """One side with its people and times: raw, corrected by the measured offset, and how long it was offline.

    What is no longer known (an erased log row) is left out.
    """
    if side is None:
        return None
    known = {name: side[name] for name in ("made_at", "offset", "arrived_at", "seq") if name in side}
    answer = {"change": side["change"], "value": side.get("value"), **known}
    if side.get("author"):
        answer["author"] = person(names, side["author"])
    if side.get("device"):
        answer["device"] = {"id": side["device"], "name": devices.get(side["device"], side["device"])}
    if "made_at" in side and "arrived_at" in side:
        made_at = datetime.fromisoformat(side["made_at"])
        arrived_at = datetime.fromisoformat(side["arrived_at"])
        moment = corrected(made_at, round((side.get("offset") or 0) * 1000))
        answer["corrected_at"] = moment.isoformat()
        answer["offline_seconds"] = max(0, int((arrived_at - moment).total_seconds()))
    return {**answer, "signed": list(side.get("signed") or ())}


def person(names: Mapping[str, str], ident: str) -> Answer:
    """A person by name; somebody without a record by his id."""
    return {"id": ident, "name": names.get(ident, ident)}


def ids_in(value: Any) -> Iterator[str]:
    """Every id that a value holds, however deep."""
    if isinstance(value, str):
        if _UUID.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from ids_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from ids_in(item)
