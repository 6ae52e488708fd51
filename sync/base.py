"""Causality: which version a change was based on, and what its author saw (protocol section 1, *base*).

No clock and no number decides here, only the ids of changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sync.change import Change
from sync.draft import Draft, Park
from sync.kinds import WHOLE, Kind, Unit
from sync.records import LogRow, Record
from sync.versions import value_after


class Standing(Enum):
    """How a base stands to the current version."""

    CURRENT = "current"
    RIVAL = "rival"
    """An own change that lost into an open conflict: the new one takes its place there."""
    STALE = "stale"


@dataclass(slots=True)
class Basis:
    """What a change was based on, for one unit."""

    standing: Standing
    change: str | None
    """As the author named it; for `RIVAL` the rival whose place is taken."""
    value: Any
    """What the author saw; `None` where it was nothing or is no longer known."""


def resolve(draft: Draft, record: Record, unit: Unit, base: str | None) -> Basis:
    """Follow a named base to the version that it stands for; an unknown one parks the commit."""
    if base == record.version(unit.name) or (base is None and _never_written(record, unit)):
        return Basis(Standing.CURRENT, base, unit.read(record.data))
    saw: Any = None
    rivals = own_rivals(draft, record, unit.name)
    ident, met = base, set[str]()
    while ident is not None and ident not in met:
        met.add(ident)
        row, fate = draft.row(ident), draft.fate(ident, unit.name)
        if (row is None and fate is None) or (row is not None and row.record != record.id):
            raise Park("unknown_base", ident, waits_for=(ident,))
        if saw is None and row is not None:
            saw = value_after(row, unit)
        if ident in rivals:
            return Basis(Standing.RIVAL, ident, saw)
        if fate is None:
            return Basis(Standing.STALE, base, saw)
        ident = fate.to
        if ident == record.version(unit.name):
            return Basis(Standing.CURRENT, base, unit.read(record.data))
    if ident is None and _never_written(record, unit):
        return Basis(Standing.CURRENT, base, unit.read(record.data))
    return Basis(Standing.STALE, base, saw)


def saw_whole_record(draft: Draft, record: Record, base: str | None) -> bool:
    """Whether a delete saw the record's newest state: after its base only own changes came.

    An own change of this very push proves nothing about what others did before it, because its author
    cannot have pulled it yet: there one of its bases must name what came before.
    """
    ident: str | None = record.last_change
    while ident != base:
        row = draft.row(ident) if ident is not None else None
        if row is None or not draft.is_own(row):
            return False
        ident = row.previous
    row = draft.row(base) if base is not None else None
    while row is not None and draft.is_own(row) and row.seq > draft.ws.start.seq and row.previous is not None:
        if row.previous in bases_of(row).values():
            return True
        row = draft.row(row.previous)
        if row is not None and not draft.is_own(row):
            return False
    return True


def seen_by_author(draft: Draft, kind: Kind, record: Record, change: Change) -> dict[str, Any]:
    """The record's data as far as it is proven that the author saw it.

    Walks back over what others did after the newest change that the author is known to have seen, and puts
    back the value that each of them replaced. Elements of lists stay as they are.
    """
    data = dict(record.data)
    seen = _proven_seq(draft, change.base)
    row = draft.row(record.last_change)
    while row is not None and row.previous is not None and (draft.is_own(row) or row.seq > seen):
        if not draft.is_own(row):
            for name, version in row.replaced.items():
                unit = kind.units.get(name)
                before = draft.row(version)
                if unit is not None and before is not None and not unit.elements:
                    data.update(unit.as_fields(value_after(before, unit)))
        row = draft.row(row.previous)
    return data


def bases_of(row: LogRow) -> Mapping[str, str | None]:
    """The bases that a logged change named."""
    return (json.loads(row.payload).get("base") or {}) if row.payload else {}


def _proven_seq(draft: Draft, bases: Mapping[str, str | None]) -> int:
    """The highest seq by another that these bases, or the bases of own changes among them, have seen."""
    proven, met, waiting = 0, set[str](), list(bases.values())
    while waiting:
        ident = waiting.pop()
        row = draft.row(ident) if ident is not None and ident not in met else None
        if ident is None or row is None:
            continue
        met.add(ident)
        if draft.is_own(row):
            waiting += bases_of(row).values()
        else:
            proven = max(proven, row.seq)
    return proven


def own_rivals(draft: Draft, record: Record, unit: str) -> frozenset[str]:
    """The author's changes that lost into the open conflict of a unit."""
    conflict = draft.conflict(record, unit)
    rivals = conflict.data["rivals"] if conflict is not None else ()
    author = draft.author
    return frozenset(
        r["change"] for r in rivals if (r["author"], r["device"]) == (author.user, author.device)
    )


def _never_written(record: Record, unit: Unit) -> bool:
    return unit.name not in record.versions and unit.is_blank(record.data)


def standing_version(record: Record, unit: str) -> str:
    """The change behind what a reviewer sees as the current side of a unit."""
    if unit == WHOLE and not record.deleted:
        return record.last_change
    return record.version(WHOLE if record.deleted else unit)
