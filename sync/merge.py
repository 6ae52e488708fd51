"""One change against the record as it stands: merged unit by unit, judged, then written to the draft."""

from __future__ import annotations

from sync.base import Basis, Standing, own_rivals, saw_whole_record
from sync.change import Change
from sync.checks import check_create, check_patch, check_target, kind_of
from sync.claims import claim_elements, claim_value, gathered
from sync.draft import Draft, Park
from sync.judgement import hold_stale_judgement, judge, park_on
from sync.kinds import WHOLE, Kind
from sync.landing import erase, land
from sync.records import Record
from sync.signing import cover


def apply(draft: Draft, change: Change) -> None:
    """Lay one change over the draft; raises `Park` if its commit cannot be taken in."""
    kind = kind_of(draft, change)
    if change.op == "create":
        _create(draft, kind, change)
    elif change.op == "patch":
        _patch(draft, kind, change)
    else:
        _delete(draft, kind, change)


def _create(draft: Draft, kind: Kind, change: Change) -> None:
    check_create(draft, kind, change)
    data = dict(change.set)
    for name in kind.elements:
        elements = [*(data.get(name) or ()), *change.add.get(name, ())]
        if elements:
            data[name] = gathered(kind.units[name], (), (), elements, ())[0]
    record = Record(
        change.record,
        kind.name,
        draft.ws.space,
        data,
        draft.author.user,
        change.audience or kind.audience,
        change.id,
        change.id,
        draft.next_seq,
    )
    values = {}
    if kind.signs is not None:
        values[kind.outcome] = data[kind.outcome] = cover(draft, kind, record)
    park_on(draft.rules.judge(draft.case(kind, change, None, None, data)))
    draft.log(change, previous=None, replaced={}, values=values)
    draft.records[record.id] = record


def _patch(draft: Draft, kind: Kind, change: Change) -> None:
    record = check_patch(draft, kind, change)
    units = dict.fromkeys(kind.unit_of[name] for name in change.set)
    lists = {**change.add, **change.remove}
    claims = [claim_value(draft, kind.units[name], record, change) for name in units]
    claims += [claim_elements(draft, kind.units[name], record, change) for name in lists]
    hold_stale_judgement(draft, kind, record, change, claims)
    judge(draft, kind, record, change, claims)
    land(draft, record, change, claims)


def _delete(draft: Draft, kind: Kind, change: Change) -> None:
    record = check_target(draft, kind, change)
    if not kind.deletable:
        raise Park("not_deletable", kind.name)
    if record.signed:
        raise Park("signed", sorted(record.signed))
    park_on(draft.rules.judge(draft.case(kind, change, record, record.data, None)))
    base = change.base.get(WHOLE)
    row = draft.row(base) if base is not None else None
    if base is not None and (row is None or row.record != record.id) and draft.fate(base, WHOLE) is None:
        raise Park("unknown_base", base, waits_for=(base,))
    if base in own_rivals(draft, record, WHOLE):
        standing = Standing.RIVAL
    else:
        standing = Standing.CURRENT if saw_whole_record(draft, record, base) else Standing.STALE
    erase(draft, record, change, Basis(standing, base, {"deleted": False}))
