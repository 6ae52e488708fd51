"""Signatures: which versions they cover, and whether those were still current when they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sync.base import Basis, Standing, resolve
from sync.claims import Claim
from sync.draft import Draft, Park
from sync.kinds import Kind, Unit
from sync.policies import keeps
from sync.records import Record

CURRENT, EARLIER = "current", "earlier_version"


def cover(draft: Draft, kind: Kind, signature: Record) -> str:
    """Mark every unit that a signature shows and whose version is current as signed by it.

    Returns the outcome: `earlier_version` if one of the lines showed a version that is no longer current;
    the signature is stored all the same, and a new one is asked for.
    """
    outcome = CURRENT
    for line in signature.data.get(kind.signs or "") or ():
        record = draft.readable(line["record"])
        of_kind = draft.context.catalogue.get(record.kind)
        unit = of_kind.units.get(line["unit"]) if of_kind is not None else None
        if unit is None:
            raise Park("unknown_unit", line["unit"])
        fields = _fields_of(unit, line.get("fields"))
        basis = resolve(draft, record, unit, line["version"])
        shown = _shows_current(unit, basis, record, fields)
        if record.deleted or not shown:
            outcome = EARLIER
        # A deleted record may come back, and then it comes back signed.
        if shown and record.space == draft.ws.space:
            by = {**record.signed.get(unit.name, {}), signature.id: fields}
            draft.records[record.id] = replace(record, signed={**record.signed, unit.name: by})
    return outcome


def still_signed(record: Record, landing: Iterable[Claim]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """What stays signed when these claims land: signatures whose fields keep their values."""
    signed = dict(record.signed)
    for claim in landing:
        unit = claim.unit
        before = unit.read(record.data)
        if unit.elements and before is None:  # nothing was ever in it: to an author that is an empty list
            before = []
        kept = {
            ident: fields
            for ident, fields in signed.pop(unit.name, {}).items()
            if keeps(unit, fields, before, claim.value)
        }
        if kept:
            signed[unit.name] = kept
    return signed


def _fields_of(unit: Unit, named: Sequence[str] | None) -> tuple[str, ...]:
    """The fields of a unit that a line binds: those it names, else all."""
    if not named:
        return unit.fields
    strangers = [name for name in named if name not in unit.fields]
    if strangers:
        raise Park("unknown_field", strangers)
    return tuple(name for name in unit.fields if name in named)


def _shows_current(unit: Unit, basis: Basis, record: Record, fields: tuple[str, ...]) -> bool:
    """Whether what was shown is what stands: that version, or one with equal values in these fields."""
    if basis.standing is Standing.CURRENT:
        return True
    if basis.standing is Standing.RIVAL or basis.value is None or unit.elements:
        return False
    return keeps(unit, fields, basis.value, unit.read(record.data))
