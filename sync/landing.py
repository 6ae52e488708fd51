"""Write what was decided to the draft: the log row, the record, and what became of each unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sync.base import Basis, Standing, bases_of
from sync.change import Change
from sync.claims import Claim, laid
from sync.conflict import contested, current_side, hold, propose, refresh, side_of, withdraw
from sync.draft import Draft
from sync.kinds import WHOLE
from sync.policies import Verdict
from sync.records import Fate, Record
from sync.signing import still_signed


def land(draft: Draft, record: Record, change: Change, claims: list[Claim]) -> Record:
    """Write decided claims to the draft: the log row, the record, and what became of each unit."""
    landing = [claim for claim in claims if claim.verdict.lands]
    names = {claim.unit.name for claim in landing}
    partial = [c for c in claims if not c.unit.elements and not all(f in change.set for f in c.unit.fields)]
    draft.log(
        change,
        previous=record.last_change,
        replaced={name: record.version(name) for name in names},
        values={claim.unit.name: claim.value for claim in partial},
    )
    after = replace(
        record,
        data=laid(record.data, landing),
        last_change=change.id,
        seq=draft.rows[-1].seq,
        versions={**record.versions, **dict.fromkeys(names, change.id)},
        removed={**record.removed, **{c.unit.name: c.gone for c in landing if c.gone}},
        signed=still_signed(record, landing) if record.signed else record.signed,
    )
    for claim in claims:
        _dispute(draft, record, after, change, claim)
    if WHOLE in record.contested and not record.deleted:
        refresh(draft, after, WHOLE, {"deleted": False})
    return keep(draft, after, [claim.unit.name for claim in claims])


def _dispute(draft: Draft, before: Record, after: Record, change: Change, claim: Claim) -> None:
    """What a decided claim means for conflicts, fates and the commit's status."""
    unit, basis, name = claim.unit, claim.basis, claim.unit.name
    if claim.verdict is Verdict.HOLD:
        current = current_side(draft, after, name, None if after.deleted else unit.read(after.data))
        rival = {**side_of(draft.taken(change.id), claim.value), "base": basis.change}
        hold(draft, after, name, reason=claim.reason, basis=basis, rival=rival, current=current)
        propose(draft, after, unit)
        return
    if claim.verdict is Verdict.SAME and not unit.elements:
        draft.fates[change.id, name] = Fate("same", before.version(name))
    if basis.standing is not Standing.CURRENT:
        draft.merged = True
    if basis.standing is Standing.RIVAL:
        withdraw(draft, after, name, basis.change)
    if claim.verdict is Verdict.SWAP:
        _swap(draft, before, after, claim)
    elif claim.verdict.lands:
        refresh(draft, after, name, unit.read(after.data))


def _swap(draft: Draft, before: Record, after: Record, claim: Claim) -> None:
    """The more severe value stands; what stood until now competes with it."""
    unit, name = claim.unit, claim.unit.name
    row = draft.taken(before.version(name))
    old = {**side_of(row, unit.read(before.data)), "base": bases_of(row).get(name)}
    basis = replace(claim.basis, standing=Standing.STALE)
    current = current_side(draft, after, name, unit.read(after.data))
    hold(draft, after, name, reason="diverged", basis=basis, rival=old, current=current)
    propose(draft, after, unit)


def keep(draft: Draft, record: Record, touched: Iterable[str]) -> Record:
    """Put a touched record into the draft, with what is contested now."""
    record = replace(record, contested=contested(draft, record, touched))
    draft.records[record.id] = record
    return record


def erase(draft: Draft, record: Record, change: Change, basis: Basis) -> Record:
    """Delete a record, or dispute its deletion if its author had not seen its newest state."""
    landing = basis.standing is Standing.CURRENT and not record.deleted
    replaced = {WHOLE: record.version(WHOLE)} if landing else {}
    draft.log(change, previous=record.last_change, replaced=replaced, values={})
    after = replace(record, last_change=change.id, seq=draft.rows[-1].seq)
    if landing:
        after = replace(after, deleted=True, versions={**record.versions, WHOLE: change.id})
        for unit in after.contested:
            value = {"deleted": True} if unit == WHOLE else None
            refresh(draft, after, unit, value, reason="deleted")
    elif not record.deleted:
        rival = {**side_of(draft.taken(change.id), {"deleted": True}), "base": basis.change}
        known = draft.conflict(record, WHOLE)
        standing = current_side(draft, record, WHOLE, {"deleted": False})
        current = standing if known is None else known.data["current"]
        hold(draft, after, WHOLE, reason="diverged", basis=basis, rival=rival, current=current)
    return keep(draft, after, [WHOLE])
