"""The ports in memory, for tests and the simulator: real transactions, real snapshots, nothing durable."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from sync.chain import GENESIS, checksum
from sync.conflict import CONFLICT
from sync.ports import Reader, Writes
from sync.pull import wire_row
from sync.records import Counters, Fate, Head, LoggedChange, LogRow, Parked, Receipt, Record


@dataclass(slots=True)
class _Space:
    """One space. `state` is replaced by each commit, never changed, so that a snapshot can keep it."""

    state: tuple[Head, Mapping[str, Record]]
    lock: RLock = field(default_factory=RLock)
    log: list[LogRow] = field(default_factory=list)
    conflicts: dict[str, dict[str, Record]] = field(default_factory=dict)
    """Open ones by the record in conflict, then by id."""
    parked: dict[str, Parked] = field(default_factory=dict)


class MemoryStore:
    """A `Store` in memory. Spaces come into being when they are first named."""

    def __init__(self, epoch: str = "e1") -> None:
        self.epoch = epoch
        self.spaces: dict[str, _Space] = {}
        self.home: dict[str, str] = {}
        """The space of each record."""
        self.rows: dict[str, LogRow] = {}
        self.fates: dict[str, dict[str, Fate]] = {}
        self.receipts: dict[str, Receipt] = {}
        self.numbers: dict[tuple[str, str], dict[int, str]] = {}
        self.flags: list[Any] = []

    def space(self, name: str) -> _Space:
        """A space by name."""
        if name not in self.spaces:
            self.spaces[name] = _Space((Head(0, GENESIS, self.epoch), {}))
        return self.spaces[name]

    @contextmanager
    def transaction(self, space: str) -> Iterator[MemoryTransaction]:
        """One writer at a time per space; an exception drops what was written."""
        with self.space(space).lock:
            tx = MemoryTransaction(self, space)
            yield tx
            if tx.writes is not None:
                self._apply(self.space(space), tx.writes)

    @contextmanager
    def snapshot(self, space: str, reader: Reader) -> Iterator[MemorySnapshot]:
        """The space as it is at this moment; later commits do not show in it."""
        yield MemorySnapshot(self.space(space), reader)

    def _apply(self, space: _Space, writes: Writes) -> None:
        for row in writes.log:
            self.rows[row.change] = row
        for _, record in writes.records:
            self.home[record.id] = record.space
            if record.kind == CONFLICT:
                of_record = space.conflicts.setdefault(record.data["record"], {})
                of_record.pop(record.id, None)
                if record.data["state"] == "open":
                    of_record[record.id] = record
        space.log += writes.log
        _, records = space.state
        space.state = writes.head, {**records, **{record.id: record for _, record in writes.records}}
        for change, unit, fate in writes.fates:
            self.fates.setdefault(change, {})[unit] = fate
        for receipt in writes.receipts:
            self.receipts[receipt.id] = receipt
            if receipt.n is not None:
                self.numbers.setdefault((receipt.user, receipt.device), {}).setdefault(receipt.n, receipt.id)
        space.parked.update((parked.id, parked) for parked in writes.parked)
        self.flags += writes.flags


class MemoryTransaction:
    """A `SpaceTransaction` in memory."""

    def __init__(self, store: MemoryStore, space: str) -> None:
        self.space = space
        self.writes: Writes | None = None
        self._store = store
        self._here = store.space(space)

    def head(self) -> Head:
        """How far the space is."""
        return self._here.state[0]

    def receipts(self, ids: Collection[str]) -> Mapping[str, Receipt]:
        """Receipts by id."""
        known = self._store.receipts
        return {ident: known[ident] for ident in ids if ident in known}

    def counters(self, user: str, device: str, ns: Collection[int]) -> Counters:
        """The numbers of one device and user."""
        numbers = self._store.numbers.get((user, device), {})
        return Counters(max(numbers, default=0), {n: numbers[n] for n in ns if n in numbers})

    def records(self, ids: Collection[str]) -> Mapping[str, Record]:
        """Records by id, of all spaces."""
        home, spaces = self._store.home, self._store.spaces
        return {ident: spaces[home[ident]].state[1][ident] for ident in ids if ident in home}

    def changes(self, ids: Collection[str]) -> Mapping[str, LoggedChange]:
        """Changes by id, with their fates."""
        rows, fates = self._store.rows, self._store.fates
        known = [ident for ident in ids if ident in rows or ident in fates]
        return {ident: LoggedChange(ident, rows.get(ident), fates.get(ident, {})) for ident in known}

    def open_conflicts(self, records: Collection[str]) -> Sequence[Record]:
        """Open conflicts of these records."""
        by_record = self._here.conflicts
        return [conflict for ident in records for conflict in by_record.get(ident, {}).values()]

    def parked(self, ids: Collection[str]) -> Mapping[str, Parked]:
        """Parked commits by id, in any state."""
        known = self._here.parked
        return {ident: known[ident] for ident in ids if ident in known}

    def parked_by(self, user: str, device: str) -> Sequence[Parked]:
        """What is parked of one user and device."""
        parked = self._here.parked.values()
        return [p for p in parked if p.state == "parked" and (p.user, p.device) == (user, device)]

    def parked_waiting_for(self, ids: Collection[str]) -> Sequence[Parked]:
        """What is parked and waits for one of these ids."""
        sought = set(ids)
        parked = self._here.parked.values()
        return [p for p in parked if p.state == "parked" and not sought.isdisjoint(p.waits_for)]

    def write(self, writes: Writes) -> None:
        """Kept until the transaction commits."""
        assert self.writes is None, "written twice"
        assert writes.head.seq == len(self._here.log) + len(writes.log), "seqs with holes"
        self.writes = writes


class MemorySnapshot:
    """A `ReadSnapshot` in memory."""

    def __init__(self, space: _Space, reader: Reader) -> None:
        self._head, self._records = space.state
        self._log = space.log
        self._reader = reader

    def head(self) -> Head:
        """The epoch here does not depend on the reader: whoever changes rights changes the store's."""
        return self._head

    def chain_at(self, seq: int) -> str | None:
        """The chain hash at a seq."""
        if not 0 <= seq <= self._head.seq:
            return None
        return self._log[seq - 1].chain if seq else GENESIS

    def rows(self, since: int, limit: int) -> Sequence[tuple[int, Any]]:
        """Readable records after a cursor: each stands in the log at the seq of its last change."""
        found: list[tuple[int, Any]] = []
        for seq in range(since, self._head.seq):
            record = self._records[self._log[seq].record]
            if record.seq == seq + 1 and self._reader.can_read(record.kind, record.audience):
                found.append((record.seq, wire_row(record)))
                if len(found) == limit:
                    break
        return found

    def checksum(self) -> str:
        """Over the live readable records."""
        live = (record for record in self._records.values() if not record.deleted)
        readable = (record for record in live if self._reader.can_read(record.kind, record.audience))
        return checksum((record.id, record.last_change) for record in readable)
