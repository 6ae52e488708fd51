"""What a change wants of each unit of a record, and what the unit's policy makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.base import Basis, Standing, resolve
from sync.change import Change
from sync.draft import Draft, Park
from sync.kinds import Unit
from sync.policies import ElementIdReused, Verdict, gather, keeps, same, settle
from sync.records import Record


@dataclass(slots=True)
class Claim:
    """What a change wants of one unit, and what becomes of it."""

    unit: Unit
    value: Any
    """The full value wanted."""
    basis: Basis
    verdict: Verdict
    reason: str = "diverged"
    """Shown in the conflict if it is held."""
    gone: tuple[str, ...] = ()
    """Of a list: the elements removed so far."""


def claim_value(draft: Draft, unit: Unit, record: Record, change: Change) -> Claim:
    """A claim on a field or group. What the change leaves out of a group is what its author saw."""
    basis = resolve(draft, record, unit, change.base.get(unit.name))
    value = unit.overlay(basis.value, change.set)
    current = unit.read(record.data)
    barred = _barred(record, unit, current, value)
    seen = basis.standing is Standing.CURRENT
    verdict = settle(unit, current, value, seen=seen, barred=barred is not None)
    return Claim(unit, value, basis, verdict, barred or "diverged")


def claim_elements(draft: Draft, unit: Unit, record: Record, change: Change) -> Claim:
    """A claim on a list: needs no base, and nothing is lost by adding."""
    name = unit.name
    current, gone = record.data.get(name) or [], record.removed.get(name, ())
    value, buried, met_removal = gathered(
        unit, current, gone, change.add.get(name, ()), change.remove.get(name, ())
    )
    if met_removal:
        draft.merged = True
    if name in change.base:
        named = resolve(draft, record, unit, change.base[name])
        draft.merged = draft.merged or named.standing is not Standing.CURRENT
    basis = Basis(Standing.CURRENT, record.version(name), current)
    barred = _barred(record, unit, current, value)
    if buried == gone and same(value, current):
        return Claim(unit, value, basis, Verdict.SAME, gone=buried)
    return Claim(unit, value, basis, Verdict.HOLD if barred else Verdict.APPLY, barred or "diverged", buried)


def gathered(unit: Unit, *lists: Any) -> tuple[list[Mapping[str, Any]], tuple[str, ...], bool]:
    """`policies.gather`; an element id that stands for something else parks the commit."""
    try:
        return gather(unit, *lists)
    except ElementIdReused as reused:
        raise Park("element_id_reused", reused.args[0]) from None


def _barred(record: Record, unit: Unit, current: Any, wanted: Any) -> str | None:
    """Why this value may not land on the unit whatever its policy says, as the conflict's reason."""
    if record.deleted:
        return "deleted"
    bound = record.signed.get(unit.name, {}).values()
    if all(keeps(unit, fields, current, wanted) for fields in bound):
        return None
    return "changed_after_signature"


def laid(data: Mapping[str, Any], claims: Iterable[Claim]) -> dict[str, Any]:
    """Data with the values of these claims in it."""
    merged = dict(data)
    for claim in claims:
        claim.unit.lay(merged, claim.value)
    return merged
