"""What becomes of an incoming value of one unit (protocol section 4). Pure: values in, outcome out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from sync.kinds import Unit


class Verdict(Enum):
    """What becomes of the incoming value."""

    APPLY = "apply"
    """It becomes current; its author had seen what it replaces."""
    SAME = "same"
    """It equals the current value and counts as that version."""
    OVERWRITE = "overwrite"
    """It becomes current though its author had not seen what it replaces; the log holds the other."""
    SWAP = "swap"
    """It becomes current and what was current becomes a rival."""
    HOLD = "hold"
    """It becomes a rival; what was current stays."""

    @property
    def lands(self) -> bool:
        """Whether the incoming value is current afterwards as a new version."""
        return self in (Verdict.APPLY, Verdict.OVERWRITE, Verdict.SWAP)


def settle(unit: Unit, current: Any, incoming: Any, *, seen: bool, barred: bool) -> Verdict:
    """Decide by the unit's policy.

    `seen`: the base is the current version. `barred`: something other than the policy keeps it out (the
    unit is signed, the record deleted, a judgement rests on a stale base).
    """
    if same(current, incoming):
        return Verdict.SAME
    if barred or (unit.policy == "once" and not _blank(current)):
        return Verdict.HOLD
    if seen:
        return Verdict.APPLY
    if unit.policy == "last":
        return Verdict.OVERWRITE
    if unit.policy == "worst" and _is_worse(unit.severity, incoming, current):
        return Verdict.SWAP
    return Verdict.HOLD


def same(one: Any, other: Any) -> bool:
    """Equality of JSON values: Python's, but `true` is not 1."""
    if one != other:
        return False
    if isinstance(one, dict):
        return all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list):
        return all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool)


def keeps(unit: Unit, fields: Sequence[str], before: Any, after: Any) -> bool:
    """Whether these fields of a unit hold the same in both values of it."""
    if unit.plain:
        return same(before, after)
    return all(same((before or {}).get(name), (after or {}).get(name)) for name in fields)


class ElementIdReused(Exception):
    """An element id stands for another value already; the argument is the id."""


def gather(
    unit: Unit,
    elements: Sequence[Mapping[str, Any]],
    gone: Sequence[str],
    add: Sequence[Mapping[str, Any]],
    remove: Sequence[str],
) -> tuple[list[Mapping[str, Any]], tuple[str, ...], bool]:
    """Add and remove elements: (list, ids removed so far, whether something added was gone already).

    The order is that of arrival. The same element added again is the same; with another value it raises
    `ElementIdReused`.
    """
    values = {element["id"]: element for element in elements}
    buried = dict.fromkeys(gone)
    met_removal = False
    for element in add:
        known = values.get(element["id"])
        if known is not None and not same(known["value"], element["value"]):
            raise ElementIdReused(element["id"])
        if element["id"] in buried:
            met_removal = True
        elif known is None:
            values[element["id"]] = element
    for ident in remove:
        buried[ident] = None
        values.pop(ident, None)
    return list(values.values()), tuple(buried), met_removal


def _blank(value: Any) -> bool:
    if isinstance(value, dict):
        return all(item is None for item in value.values())
    return value is None


def _is_worse(severity: Sequence[str], incoming: Any, current: Any) -> bool:
    if incoming not in severity or current not in severity:
        return False
    return severity.index(incoming) > severity.index(current)
