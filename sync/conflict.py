"""Conflicts: one open record per record and unit, with what is current and everything that competes with it.

A conflict is a record like any other, so tablets see it; only the engine writes it, in log rows of its own
that follow those of the commit which caused them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sync.base import Basis, Standing, standing_version
from sync.change import SERVER, Author, make_change
from sync.draft import Draft
from sync.kinds import Kind, Unit
from sync.records import LogRow, Record

CONFLICT = "sync_conflict"
"""The kind of record; the catalogue must hold it."""

REASONS = ("diverged", "rule", "deleted", "changed_after_signature")
"""Why a conflict is open, mild to grave: the gravest is shown."""

Side = dict[str, Any]
"""One value with its change, author, device and times; a rival also names its `base`."""

_SERVER = Author(SERVER, SERVER)
_OPEN: dict[str, Any] = {"state": "open", "decided_by": None, "decided_at": None}


def hold(
    draft: Draft, record: Record, unit: str, *, reason: str, basis: Basis, rival: Side, current: Side
) -> None:
    """Keep a value as a rival in the open conflict of a unit, or open one.

    `basis` is what the incoming change was based on; if that is an own rival, its place is taken.
    """
    key = (record.id, unit)
    conflict = draft.conflict(record, unit) or draft.conflicts.get(key)
    if conflict is None:
        facts: dict[str, Any] = {
            "record": record.id,
            "record_kind": record.kind,
            "unit": unit,
            "reason": reason,
            "base": _base_side(draft, basis),
            "current": current,
            "rivals": [],
            "proposal": None,
        }
        conflict = Record(
            draft.context.new_id(), CONFLICT, record.space, facts, SERVER, record.audience, "", "", 0
        )
    replaced = basis.change if basis.standing is Standing.RIVAL else None
    draft.conflicts[key] = _edit(
        conflict,
        current=current,
        rivals=[side for side in conflict.data["rivals"] if side["change"] != replaced] + [rival],
        reason=_gravest(reason, conflict),
        **_OPEN,
    )
    draft.joined[conflict.id] = None


def refresh(draft: Draft, record: Record, unit: str, value: Any, *, reason: str | None = None) -> None:
    """Show a new current side in the open conflict of a unit, if there is one; its rivals stand."""
    conflict = draft.conflict(record, unit)
    if conflict is not None:
        side = current_side(draft, record, unit, value)
        draft.conflicts[record.id, unit] = _edit(conflict, current=side, reason=_gravest(reason, conflict))


def withdraw(draft: Draft, record: Record, unit: str, change: str | None) -> None:
    """Take out a rival whose author gave it up; the conflict closes with its last rival."""
    conflict = draft.conflict(record, unit)
    if conflict is None:
        return
    kept = [side for side in conflict.data["rivals"] if side["change"] != change]
    draft.conflicts[record.id, unit] = _edit(conflict, rivals=kept)
    if not kept:
        close(draft, record, unit, decided_by=draft.author.user, decided_at=draft.context.now)


def propose(draft: Draft, record: Record, unit: Unit) -> None:
    """Note what the policy suggests meanwhile: for `worst` the version that stands."""
    conflict = draft.conflict(record, unit.name)
    if conflict is not None and unit.policy == "worst":
        proposal = {"policy": "worst", "change": conflict.data["current"]["change"]}
        draft.conflicts[record.id, unit.name] = _edit(conflict, proposal=proposal)


def close(draft: Draft, record: Record, unit: str, **decision: Any) -> None:
    """Close the open conflict of a unit: `decided_by`, `decided_at`, `decision_reason`, `decision`, …"""
    conflict = draft.conflict(record, unit)
    if conflict is not None:
        draft.conflicts[record.id, unit] = _edit(conflict, state="resolved", **decision)


def contested(draft: Draft, record: Record, units: Iterable[str]) -> tuple[str, ...]:
    """The units with an open conflict, after these were touched."""
    names = {*record.contested, *units}
    # The record does not name a unit as contested before this commit is decided: ask for both.
    return tuple(sorted(name for name in names if _is_open(draft, record, name)))


def current_side(draft: Draft, record: Record, unit: str, value: Any) -> Side:
    """The current version with who, when and where; `value` is `null` for a unit of a deleted record."""
    version = standing_version(record, unit)
    row = draft.row(version)
    side = side_of(row, value) if row is not None else {"change": version, "value": value}
    return {**side, "signed": list(record.signed.get(unit, ()))}


def side_of(row: LogRow, value: Any) -> Side:
    """One side of a conflict from the log. `made_at` is the device's raw time."""
    return {
        "change": row.change,
        "value": value,
        "author": row.user,
        "device": row.device,
        "made_at": row.made_at,
        "offset": row.offset,
        "arrived_at": row.arrived_at,
        "seq": row.seq,
    }


def write_conflicts(draft: Draft) -> None:
    """Give the conflicts that this commit touched their log rows, after its own changes."""
    kind = draft.context.catalogue[CONFLICT]
    for key, conflict in list(draft.conflicts.items()):
        draft.conflicts[key] = draft.records[conflict.id] = _log(draft, kind, conflict)


def _log(draft: Draft, kind: Kind, conflict: Record) -> Record:
    """One row for what changed in a conflict; its record with versions and seq set."""
    before = draft.ws.find(conflict.id)
    old = before.data if before is not None else {}
    changed = {name: value for name, value in conflict.data.items() if name not in old or old[name] != value}
    units = {kind.unit_of[name] for name in changed}
    ident = draft.context.new_id()
    op = "create" if before is None else "patch"
    content = {"id": ident, "op": op, "kind": CONFLICT, "record": conflict.id, "set": changed}
    change = make_change(content, draft.context.encode)
    seq = draft.next_seq
    if before is None:
        draft.log(change, previous=None, replaced={}, values={}, author=_SERVER)
        return replace(conflict, seq=seq, created_by_change=ident, last_change=ident)
    replaced = {name: before.version(name) for name in units}
    values = {name: unit.read(conflict.data) for name in units if not (unit := kind.units[name]).plain}
    draft.log(change, previous=before.last_change, replaced=replaced, values=values, author=_SERVER)
    return replace(
        conflict, seq=seq, last_change=ident, versions={**before.versions, **dict.fromkeys(units, ident)}
    )


def _edit(conflict: Record, **fields: Any) -> Record:
    return replace(conflict, data={**conflict.data, **fields})


def _gravest(reason: str | None, conflict: Record) -> str:
    known: str = conflict.data["reason"]
    return known if reason is None else max(reason, known, key=REASONS.index)


def _base_side(draft: Draft, basis: Basis) -> Side | None:
    if basis.change is None:
        return None
    row = draft.row(basis.change)
    return side_of(row, basis.value) if row is not None else {"change": basis.change, "value": basis.value}


def _is_open(draft: Draft, record: Record, unit: str) -> bool:
    drafted = draft.conflicts.get((record.id, unit))
    if drafted is not None:
        return bool(drafted.data["state"] == "open")
    return unit in record.contested
