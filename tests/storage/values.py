"""Values as the engine hands them to storage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sync.chain import GENESIS, digest, link
from sync.ports import Store, Writes
from sync.records import Head, LogRow, Parked, Receipt, Record, Result

NOW = "2026-11-23T09:00:00+08:00"


def record(ident: str, seq: int = 1, **more: Any) -> Record:
    """A record of kind team."""
    usual: dict[str, Any] = {
        "kind": "team", "space": "qyl", "data": {"name": "保洁一班"}, "author": "he",
        "audience": ("project",), "seq": seq,
        "created_by_change": f"{ident}-made", "last_change": f"{ident}-made",
    }  # fmt: skip
    return Record(ident, **{**usual, **more})


def log_row(seq: int, before: str = GENESIS, **more: Any) -> LogRow:
    """A log row with its place in the chain."""
    payload, salt = b'{"id":"x"}', b"salt"
    usual: dict[str, Any] = {
        "seq": seq, "change": f"change-{seq}", "commit": f"commit-{seq}", "record": f"r{seq}", "kind": "team",
        "op": "create", "user": "he", "device": "tablet", "made_at": NOW, "offset": -1.4, "arrived_at": NOW,
        "previous": None, "replaced": {}, "values": {}, "payload": payload, "salt": salt,
    }  # fmt: skip
    row = LogRow(**{**usual, **more}, digest=digest(salt, payload), chain="")
    row.chain = link(before, row)
    return row


def receipt(ident: str, n: int | None = 1, **more: Any) -> Receipt:
    """The receipt of an applied commit."""
    usual: dict[str, Any] = {
        "space": "qyl", "user": "he", "device": "tablet", "n": n, "hash": "h",
        "result": Result(ident, "applied", seqs={"c": 1}, conflicts=("k",)), "arrived_at": NOW,
    }  # fmt: skip
    return Receipt(ident, **{**usual, **more})


def parked(ident: str, n: int | None = 1, **more: Any) -> Parked:
    """A commit that waits for a record."""
    usual: dict[str, Any] = {
        "space": "qyl", "user": "he", "device": "tablet", "n": n,
        "raw": {"id": ident, "odd": ["\u0000", 1.5]}, "format": 1, "hash": "h",
        "reason": {"code": "not_found", "detail": "r9"}, "records": ("r1",),
        "waits_for": ("r9",), "arrived_at": NOW,
    }  # fmt: skip
    return Parked(ident, **{**usual, **more})


def write(store: Store, space: str = "qyl", **parts: Any) -> Writes:
    """Write these parts in one transaction, with a log row for each record that has none."""
    with store.transaction(space) as tx:
        head = tx.head()
        at = head.at
        rows: list[LogRow] = []
        for before, after in parts.get("records", ()):
            row = log_row(head.seq + len(rows) + 1, at, change=after.last_change, record=after.id)
            after.seq, at = row.seq, row.chain
            rows.append(row)
            assert before is None or before.id == after.id
        writes = Writes(head=Head(head.seq + len(rows), at, head.epoch), log=rows, **parts)
        tx.write(writes)
    return writes


def wire(rows: Sequence[tuple[int, Any]]) -> list[dict[str, Any]]:
    """Rows of a snapshot, whatever form they are handed on in."""
    return [json.loads(row) if isinstance(row, str) else json.loads(json.dumps(row)) for _, row in rows]
