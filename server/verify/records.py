"""Every record against the log that it was made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.verify.chains import Disputes
from server.verify.ports import StoredRecord
from server.verify.problems import Problem
from server.verify.replay import Replay
from sync.kinds import WHOLE, Catalogue, Unit
from sync.policies import same
from sync.records import LogRow, Record

History = Sequence[tuple[str, LogRow]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A record in question, and the seq where it became so."""

    stored: StoredRecord
    replay: Replay
    disputes: Disputes

    def wrong(self, code: str, field: str = "", *, row: LogRow | None = None, detail: str = "") -> Problem:
        """A problem with it; ``row``: the change that says otherwise, by default its last."""
        row = row or self.replay.rows[-1]
        stored = self.stored
        return Problem(
            code, stored.space, row.seq, row.change, stored.id, stored.kind, field, (row.user,), detail=detail
        )


def replayed(
    stored: StoredRecord, history: History, catalogue: Catalogue, disputes: Disputes
) -> Replay | None:
    """The record made anew from its rows; ``None`` for a kind that this version does not know."""
    kind = catalogue.get(stored.kind)
    if kind is None:
        return None
    replay = Replay(kind, disputes.rivals if disputes.known else None)
    for _, row in history:
        replay.take(row)
    return replay


def check_record(
    stored: StoredRecord, history: History, replay: Replay | None, disputes: Disputes
) -> Iterator[Problem]:
    """What of a record the log does not say so."""
    place = (stored.space, None, "", stored.id, stored.kind)
    if not history:
        yield Problem("record_unlogged", *place)
        return
    if replay is None:
        yield Problem("record_kind", *place)
        return
    subject = Subject(stored, replay, disputes)
    for code, row, unit in replay.faults:
        yield subject.wrong(code, unit, row=row)
    for space, row in history:
        if (space, row.kind) != (stored.space, stored.kind):
            yield subject.wrong("row_elsewhere", row=row, detail=f"{space} {row.kind}")
    if stored.record is None:
        yield subject.wrong("record_unreadable")
        return
    yield from _check_head(subject, stored.record)
    for each in replay.kind.units.values():
        yield from _check_unit(subject, stored.record, each)
    strange = stored.record.data.keys() - replay.kind.unit_of.keys()
    yield from (subject.wrong("record_value", name, detail="?") for name in sorted(strange))


def _check_head(subject: Subject, record: Record) -> Iterator[Problem]:
    """What stands beside the values: who created it, for whom, which change was the last."""
    replay = subject.replay
    first, last = replay.rows[0], replay.rows[-1]
    pairs: dict[str, tuple[Any, Any]] = {
        "created_by_change": (first.change, record.created_by_change),
        "author": (first.user, record.author),
        "last_change": (last.change, record.last_change),
        "seq": (last.seq, record.seq),
    }
    if replay.audience is not None and record.kind != "sync_conflict":
        # A conflict is for whoever may read what it is about; no payload says so.
        pairs["audience"] = (replay.audience, record.audience)
    if subject.disputes.known:
        pairs["contested"] = (subject.disputes.contested(record.id), record.contested)
    deleted, came_back = record.deleted, record.versions.get(WHOLE) != replay.versions.get(WHOLE)
    if not (replay.unsure and came_back and not deleted):
        pairs["deleted"] = (replay.deleted, deleted)
    for name, (logged, stored) in pairs.items():
        if logged != stored:
            yield subject.wrong("record_head", name, detail=f"{logged} ≠ {stored}")


def _check_unit(subject: Subject, record: Record, unit: Unit) -> Iterator[Problem]:
    replay, name = subject.replay, unit.name
    version, rightly = record.version(name), replay.version(name)
    row = next(row for row in replay.rows if row.change == rightly)
    if version != rightly:
        known = any(one.change == version for one in replay.rows)
        yield subject.wrong(
            "record_version" if known else "version_unknown", name, row=row, detail=f"{rightly} ≠ {version}"
        )
        if not known:
            return
    if name in replay.erased:
        if not unit.is_blank(record.data):
            yield subject.wrong("record_unproven", name, row=row)
        return
    for field in unit.fields:
        logged, stored = replay.data.get(field), record.data.get(field)
        if not same(logged, stored):
            yield subject.wrong("record_value", field, row=row, detail=f"{brief(logged)} ≠ {brief(stored)}")
    if tuple(record.removed.get(name, ())) != replay.removed.get(name, ()):
        yield subject.wrong("record_removed", name, row=row)


def check_unrecorded(histories: Mapping[str, History]) -> Iterator[Problem]:
    """Records that the log knows and that have no row any more."""
    for ident, history in histories.items():
        space, last = history[-1]
        told = _first_told(history[0][1])
        people = (history[0][1].user, *(told[name] for name in ("signer",) if name in told))
        yield Problem(
            "record_missing", space, last.seq, last.change, ident, last.kind,
            people=tuple(dict.fromkeys(people)), detail=about(told),
        )  # fmt: skip


def _first_told(row: LogRow) -> Mapping[str, Any]:
    """The values that a record was created with."""
    try:
        return dict(json.loads(row.payload)["set"])
    except (ValueError, KeyError, TypeError):
        return {}


def about(data: Mapping[str, Any]) -> str:
    """What tells a record from others of its kind, as far as its own values do."""
    told = (data.get(name) for name in ("code", "item", "name", "description"))
    return " ".join(text for text in told if isinstance(text, str))


def brief(value: Any) -> str:
    """A value on one line, cut where it gets long."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"
