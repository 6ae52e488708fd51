"""Signatures: which versions they cover, and whether those were still current when they came."""

from __future__ import annotations

from dataclasses import replace

from sync.base import Standing, resolve
from sync.draft import Draft, Park
from sync.kinds import Kind
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
        basis = resolve(draft, record, unit, line["version"])
        if basis.standing is not Standing.CURRENT or record.deleted:
            outcome = EARLIER
        if basis.standing is not Standing.CURRENT or record.space != draft.ws.space:
            continue
        by = (*record.signed.get(unit.name, ()), signature.id)
        draft.records[record.id] = replace(record, signed={**record.signed, unit.name: by})
    return outcome
