"""Stores that let one wait for another who need not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import RLock
from typing import Any

from server.storage.snapshot import SqlSnapshot
from server.storage.store import SqlStore
from server.storage.transaction import SqlTransaction
from sync.memory import MemorySnapshot, MemoryStore, MemoryTransaction
from sync.ports import Reader
from sync.records import Head
from tests.simulation.mutants.catching import Mutant, put

Patches = list[AbstractContextManager[Any]]


def _one_lock() -> Patches:
    lock = RLock()

    @contextmanager
    def wrong(self: MemoryStore, space: str) -> Iterator[MemoryTransaction]:
        with lock:
            tx = MemoryTransaction(self, space)
            yield tx
            if tx.writes is not None:
                self._apply(self.space(space), tx.writes)

    return [put("sync.memory.MemoryStore.transaction", wrong)]


def _one_queue() -> Patches:
    return [put("server.storage.postgres.Postgres.turn", lambda self, space: "writers")]


def _all_rows() -> Patches:
    def head(self: SqlTransaction) -> Head:
        self._tx.rows("SELECT id FROM spaces ORDER BY id FOR UPDATE")
        return right(self)

    right = SqlTransaction.head
    return [put("server.storage.transaction.SqlTransaction.head", head)]


def _pull_takes_a_turn() -> Patches:
    @contextmanager
    def wrong(self: SqlStore, space: str, reader: Reader) -> Iterator[SqlSnapshot]:
        with self.database.write(space) as tx:
            yield SqlSnapshot(tx, space, reader)

    return [put("server.storage.store.SqlStore.snapshot", wrong)]


def _pull_takes_the_lock() -> Patches:
    @contextmanager
    def wrong(self: Any, space: str, reader: Reader) -> Iterator[MemorySnapshot]:
        with self.store.space(space).lock:
            yield MemorySnapshot(self.store.space(space), reader)

    return [put("tests.simulation.backends.InMemory.snapshot", wrong)]


WAITERS: tuple[tuple[Mutant, str], ...] = (
    (Mutant("one_lock", "I6", "one lock for all spaces", _one_lock), "memory"),
    (Mutant("one_queue", "I6", "one queue of writers for all spaces", _one_queue), "postgresql"),
    (Mutant("all_rows", "I6", "a push locks the rows of all spaces", _all_rows), "postgresql"),
    (
        Mutant("pull_takes_the_lock", "I8", "a pull takes the lock of its space", _pull_takes_the_lock),
        "memory",
    ),
    (Mutant("pull_takes_a_turn", "I8", "a pull is a write transaction", _pull_takes_a_turn), "sqlite"),
    (
        Mutant("pull_takes_a_turn_too", "I8", "a pull is a write transaction", _pull_takes_a_turn),
        "postgresql",
    ),
)
"""Each with the store on which it is caught."""
