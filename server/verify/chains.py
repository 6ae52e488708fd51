"""The hash chain of a space: every broken link, and whether the newest rows are still there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from server.verify.ports import SpaceHead
from server.verify.problems import ERASED, Problem
from sync.chain import GENESIS, link, verify
from sync.records import LogRow

_CODES = {"gap": "log_gap", "payload": "log_payload", "chain": "log_row"}


@dataclass(slots=True)
class Disputes:
    """What the log says of conflicts."""

    rivals: set[str] = field(default_factory=set)
    """Changes that some conflict names as competing: they are rightly not current anywhere."""
    known: bool = True
    """Whether no conflict's content was erased, so that the two others are complete."""
    _facts: dict[str, dict[str, str]] = field(default_factory=dict)
    _by_record: dict[str, set[str]] | None = None

    def contested(self, record: str) -> tuple[str, ...]:
        """The units of a record with an open conflict, sorted."""
        return tuple(sorted(self._open().get(record, ())))

    def note(self, row: LogRow) -> None:
        """Take in what a log row of a conflict says."""
        self._by_record = None
        try:
            content = json.loads(row.payload)["set"]
            self.rivals |= {side["change"] for side in content.get("rivals") or ()}
            told = {name: content[name] for name in ("record", "unit", "state") if name in content}
            self._facts.setdefault(row.record, {}).update(told)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.known = False

    def _open(self) -> dict[str, set[str]]:
        if self._by_record is None:
            self._by_record = {}
            for facts in self._facts.values():
                if facts.get("state") == "open":
                    self._by_record.setdefault(facts.get("record", ""), set()).add(facts.get("unit", ""))
        return self._by_record


@dataclass(slots=True)
class Walk:
    """What a walk along a log gathers for the checks after it."""

    rows: int = 0
    erased: int = 0
    last: LogRow | None = None
    disputes: Disputes = field(default_factory=Disputes)

    def along(self, rows: Iterable[LogRow]) -> Iterator[LogRow]:
        """The rows, noted as they pass."""
        for row in rows:
            self.rows += 1
            self.last = row
            if not row.payload and not row.salt:
                self.erased += 1
            if row.kind == "sync_conflict":
                self.disputes.note(row)
            yield row


def check_chain(space: SpaceHead, rows: Iterable[LogRow], walk: Walk) -> Iterator[Problem]:
    """Every link that does not hold.

    After a broken one the walk goes on with what that row says of itself, so that a second change further on
    is named too. Where whoever changed a row also wrote its chain hash anew, the first broken link is the row
    after it.
    """
    passing = walk.along(rows)
    seq, at = 0, GENESIS
    while True:
        found = verify(passing, seq=seq, at=at)
        yield from (Problem(ERASED, space.id, erased) for erased in found.erased)
        if found.broken is None:
            break
        assert walk.last is not None
        row = walk.last
        if found.broken.reason == "gap":
            yield Problem("log_gap", space.id, found.broken.seq, detail=_range(found.broken.seq, row.seq - 1))
        else:
            yield _broken(space.id, row, found.broken.reason)
        if found.broken.reason == "payload" and link(found.at, row) != row.chain:
            yield _broken(space.id, row, "chain")
        seq, at = row.seq, row.chain
    if found.head < space.head:
        missing = _range(found.head + 1, space.head)
        yield Problem("log_end", space.id, found.head + 1, detail=missing)
    elif (found.head, found.at) != (space.head, space.at):
        yield Problem("log_head", space.id, found.head, detail=f"head {space.head} ≠ {found.head}")


def _broken(space: str, row: LogRow, reason: str) -> Problem:
    return Problem(
        _CODES[reason], space, row.seq, row.change, row.record, row.kind, people=(row.user,),
        detail=f"{row.op} {row.made_at}",
    )  # fmt: skip


def _range(first: int, last: int) -> str:
    return f"up to seq {last}" if last > first else ""
