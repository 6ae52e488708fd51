"""Where spaces live: the engine's `Store` over a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from server.storage.database import Database
from server.storage.projections import Grants, Projection
from server.storage.snapshot import SqlSnapshot
from server.storage.transaction import SqlTransaction
from sync.ports import Reader


class SqlStore:
    """A `Store`. ``projections`` are applied in every write transaction, after the rights."""

    def __init__(self, database: Database, projections: Sequence[Projection] = ()) -> None:
        self.database = database
        self.projections: list[Projection] = [Grants(), *projections]

    @contextmanager
    def transaction(self, space: str) -> Iterator[SqlTransaction]:
        """A write transaction of a space; leaving the block commits, an exception rolls back."""
        with self.database.write(space) as tx:
            yield SqlTransaction(tx, space, self.projections)

    @contextmanager
    def snapshot(self, space: str, reader: Reader) -> Iterator[SqlSnapshot]:
        """A read transaction of a space for one reader."""
        with self.database.read() as tx:
            yield SqlSnapshot(tx, space, reader)
