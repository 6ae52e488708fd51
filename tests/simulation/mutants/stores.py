"""Stores that keep or show something wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import sync.parking
from sync.chain import checksum
from sync.memory import MemorySnapshot, MemoryStore, MemoryTransaction
from sync.ports import Writes
from sync.pull import wire_row
from tests.simulation.backends import InMemory, _copied
from tests.simulation.mutants.catching import Mutant, put

Patches = list[AbstractContextManager[Any]]


def _applying(change: Any) -> Patches:
    right = MemoryStore._apply

    def wrong(self: MemoryStore, space: Any, writes: Writes) -> None:
        right(self, space, change(writes))

    return [put("sync.memory.MemoryStore._apply", wrong)]


def _no_receipts() -> Patches:
    return _applying(lambda writes: replace(writes, receipts=[]))


def _trimmed_signatures() -> Patches:
    def trim(writes: Writes) -> Writes:
        records = [
            (
                before,
                replace(r, data={**r.data, "lines": r.data["lines"][:1]}) if r.kind == "signature" else r,
            )
            for before, r in writes.records
        ]
        return replace(writes, records=records)

    return _applying(trim)


def _lost_element() -> Patches:
    """A projection that drops what it cannot show."""

    def drop(writes: Writes) -> Writes:
        records = [
            (b, replace(r, data={k: v for k, v in r.data.items() if k != "remark"}))
            for b, r in writes.records
        ]
        return replace(writes, records=records)

    return _applying(drop)


def _unlocked() -> Patches:
    @contextmanager
    def wrong(self: MemoryStore, space: str) -> Iterator[MemoryTransaction]:
        tx = MemoryTransaction(self, space)
        yield tx
        if tx.writes is not None:
            self._apply(self.space(space), tx.writes)

    return [put("sync.memory.MemoryStore.transaction", wrong), _write_unchecked()]


def _write_unchecked() -> AbstractContextManager[Any]:
    def write(self: MemoryTransaction, writes: Writes) -> None:
        self.writes = writes

    return put("sync.memory.MemoryTransaction.write", write)


def _numbers_burnt() -> Patches:
    """A commit that parks does not give its number back."""
    right = sync.parking._park

    def wrong(ws: Any, arrival: Any, park: Any) -> None:
        right(ws, arrival, park)
        ws.seq += 1

    def chain_at(self: MemorySnapshot, seq: int) -> str | None:
        return self._head.at if seq else "0" * 64

    def rows(self: MemorySnapshot, since: int, limit: int) -> Sequence[tuple[int, Any]]:
        found = [r for r in self._records.values() if r.seq > since]
        readable = [r for r in found if self._reader.can_read(r.kind, r.audience)]
        return [(r.seq, wire_row(r)) for r in sorted(readable, key=lambda r: r.seq)][:limit]

    return [
        put("sync.parking._park", wrong),
        put("sync.memory.MemorySnapshot.chain_at", chain_at),
        put("sync.memory.MemorySnapshot.rows", rows),
        _write_unchecked(),
    ]


def _everything_shown() -> Patches:
    def rows(self: MemorySnapshot, since: int, limit: int) -> Sequence[tuple[int, Any]]:
        found = sorted((r for r in self._records.values() if r.seq > since), key=lambda r: r.seq)
        return [(r.seq, wire_row(r)) for r in found][:limit]

    return [put("sync.memory.MemorySnapshot.rows", rows)]


def _checksum_of_all() -> Patches:
    def wrong(self: MemorySnapshot) -> str:
        return checksum((r.id, r.last_change) for r in self._records.values() if not r.deleted)

    return [put("sync.memory.MemorySnapshot.checksum", wrong)]


def _rows_skipped() -> Patches:
    """A page of a limited pull leaves out a record that was changed more than once."""
    right = MemorySnapshot.rows

    def wrong(self: MemorySnapshot, since: int, limit: int) -> Sequence[tuple[int, Any]]:
        return [(seq, row) for seq, row in right(self, since, limit) if len(row["versions"]) < 2]

    return [put("sync.memory.MemorySnapshot.rows", wrong)]


def _unflushed() -> Patches:
    """Commits are answered before they are on the disk: a crash takes the last one with it."""
    enter = InMemory.transaction
    before: list[MemoryStore] = []

    def transaction(self: InMemory, space: str, worker: int = 0) -> Any:
        before[:] = [*before[-1:], _copied(self.store)]
        return enter(self, space, worker)

    def after_crash(self: InMemory) -> None:
        if before:
            self.store = before.pop(0)
            before.clear()

    return [
        put("tests.simulation.backends.InMemory.transaction", transaction),
        put("tests.simulation.backends.InMemory.after_crash", after_crash),
    ]


STORES = (
    Mutant(
        "unflushed",
        "I1",
        "an answer is given before its transaction is on the disk",
        _unflushed,
        {"crash": 20},
    ),
    Mutant("no_receipts", "I2", "what was answered is not remembered", _no_receipts),
    Mutant("lost_field", "I3", "a projection drops a field that the log has", _lost_element),
    Mutant(
        "checksum_of_all",
        "I4",
        "the checksum counts records that the reader may not read",
        _checksum_of_all,
        {"create": 20},
    ),
    Mutant("numbers_burnt", "I5", "a commit that parks leaves a hole in the seqs", _numbers_burnt),
    Mutant("unlocked", "I5", "two workers count from the same head", _unlocked, {"two": 30}),
    Mutant("rows_skipped", "I5", "a page leaves out a record", _rows_skipped),
    Mutant(
        "trimmed_signature",
        "I15",
        "a signature is stored with fewer lines than were signed",
        _trimmed_signatures,
        {"sign": 20},
    ),
    Mutant("everything_shown", "I17", "a pull does not ask who reads", _everything_shown, {"create": 20}),
)
