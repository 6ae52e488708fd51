"""The stores that histories are played on: each can be backed up, restored, and opened by a second worker."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

from server.storage.database import open_database
from server.storage.models import LogEntry, ParkedRow, RecordRow, Space
from server.storage.rows import read_log_row, read_parked, read_record
from server.storage.schema import migrate
from server.storage.snapshot import epoch as sql_epoch
from server.storage.spaces import Spaces
from server.storage.store import SqlStore
from sync.memory import MemorySnapshot, MemoryStore
from sync.ports import Reader, SpaceTransaction
from sync.records import Head
from tests.postgres import MEMORY, fresh_database
from tests.simulation.cast import SPACES


class Backend(Protocol):
    """A store with what a machine room does to it."""

    name: str

    def transaction(self, space: str, worker: int = 0) -> AbstractContextManager[SpaceTransaction]:
        """A write transaction, of one of two workers."""
        ...

    def snapshot(self, space: str, reader: Reader) -> AbstractContextManager[Any]:
        """A read transaction; rows may be JSON text."""
        ...

    def view(self, space: str) -> Any:
        """Head, records, log, parked of a space, for the oracle (`state`, `log`, `parked`)."""
        ...

    def flags(self) -> int:
        """How many flags were raised."""
        ...

    def epoch(self, generation: str, reader: Reader) -> str:
        """The epoch that a reader sees."""
        ...

    def clear(self) -> None:
        """Empty it, for the next history."""
        ...

    def backup(self) -> Any:
        """A consistent copy of everything but blobs."""
        ...

    def restore(self, copy: Any, generation: str) -> None:
        """Put a copy back, under a new generation."""
        ...

    def after_crash(self) -> None:
        """What happens to connections when a server process dies."""
        ...

    def leave(self) -> None:
        """The calling thread is done with this store."""
        ...


class _Snapshot(MemorySnapshot):
    """Mixes into the epoch what its reader may read, as the SQL store does."""

    def head(self) -> Head:
        head = super().head()
        return Head(head.seq, head.at, memory_epoch(head.epoch, self._reader))


def memory_epoch(generation: str, reader: Reader) -> str:
    """The epoch of a generation as a reader sees it."""
    return f"{generation} {' '.join(sorted(reader.audiences))}"


class InMemory:
    """`MemoryStore`, with copies."""

    name = "memory"

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """A new store."""
        self.store = MemoryStore()
        for space in SPACES:
            self.store.space(space)

    def transaction(self, space: str, worker: int = 0) -> AbstractContextManager[SpaceTransaction]:
        """Both workers use the one store, which has a lock per space."""
        return self.store.transaction(space)

    @contextmanager
    def snapshot(self, space: str, reader: Reader) -> Iterator[_Snapshot]:
        """As the store's."""
        yield _Snapshot(self.store.space(space), reader)

    def view(self, space: str) -> Any:
        """The space itself."""
        return self.store.space(space)

    def flags(self) -> int:
        """How many."""
        return len(self.store.flags)

    def epoch(self, generation: str, reader: Reader) -> str:
        """See `memory_epoch`."""
        return memory_epoch(generation, reader)

    def backup(self) -> MemoryStore:
        """Records and rows are never changed, so that copying the containers is enough."""
        return _copied(self.store)

    def restore(self, copy: MemoryStore, generation: str) -> None:
        """A copy of the copy, so that it may be restored again."""
        self.store = _copied(copy)
        self.store.epoch = generation
        for space in self.store.spaces.values():
            head, records = space.state
            space.state = Head(head.seq, head.at, generation), records

    def after_crash(self) -> None:
        """There is nothing to lose."""

    def leave(self) -> None:
        """There is nothing to close."""


def _copied(store: MemoryStore) -> MemoryStore:
    made = MemoryStore(store.epoch)
    for name, space in store.spaces.items():
        new = made.space(name)
        new.state, new.log, new.parked = space.state, list(space.log), dict(space.parked)
        new.conflicts = {record: dict(of) for record, of in space.conflicts.items()}
    made.home, made.rows, made.receipts = dict(store.home), dict(store.rows), dict(store.receipts)
    made.fates = {change: dict(fates) for change, fates in store.fates.items()}
    made.numbers = {key: dict(numbers) for key, numbers in store.numbers.items()}
    made.flags = list(store.flags)
    return made


class OnSql:
    """A database, served by two workers with connections of their own."""

    def __init__(self, name: str, url: str, folder: Path) -> None:
        self.name, self._url, self._folder = name, url, folder
        self._open: list[SqlStore] = []
        self.after_crash()
        database = self._open[0].database
        for space in SPACES:
            Spaces(database).create(space, "headquarters" if space == "hq" else "project", space, "e1")
        self._empty = self.backup()

    def transaction(self, space: str, worker: int = 0) -> AbstractContextManager[SpaceTransaction]:
        """Each worker has its own pool of connections and its own queues."""
        return self._open[worker].transaction(space)

    def snapshot(self, space: str, reader: Reader) -> AbstractContextManager[Any]:
        """As the store's."""
        return self._open[0].snapshot(space, reader)

    def view(self, space: str) -> Any:
        """Read from the tables."""
        db = self._open[0].database
        where = "WHERE space = ? ORDER BY"
        head = db.row("SELECT head, at, generation FROM spaces WHERE id = ?", (space,))
        assert head is not None
        rows = db.rows(f"{db.table(RecordRow).select} {where} id", (space,))
        parked = db.rows(f"{db.table(ParkedRow).select} {where} arrived_at, id", (space,))
        log = db.rows(f"{db.table(LogEntry).select} {where} seq", (space,))
        return SimpleNamespace(
            state=(Head(*head), {row[0]: read_record(row) for row in rows}),
            log=[read_log_row(row) for row in log],
            parked={row[0]: read_parked(row) for row in parked},
        )

    def flags(self) -> int:
        """How many."""
        row = self._open[0].database.row("SELECT COUNT(*) FROM flags")
        return int(row[0]) if row else 0

    def epoch(self, generation: str, reader: Reader) -> str:
        """The product's."""
        return sql_epoch(generation, reader)

    def backup(self) -> Mapping[str, Any]:
        """Every row of every table, from one snapshot."""
        with self._open[0].database.read() as tx:
            return {table: tx.rows(f'SELECT * FROM "{table}"') for table in _TABLES}

    def restore(self, copy: Mapping[str, Any], generation: str) -> None:
        """All rows back, in one transaction."""
        with self._open[0].database.write() as tx:
            for table in _TABLES:
                tx.run(f'DELETE FROM "{table}"')
            for table, rows in copy.items():
                if rows:
                    marks = ", ".join("?" * len(rows[0]))
                    for row in rows:
                        tx.run(f'INSERT INTO "{table}" VALUES ({marks})', row)
            tx.run(f"UPDATE {tx.table(Space).name} SET generation = ?", (generation,))

    def clear(self) -> None:
        """As empty as in the beginning, for the next history."""
        self.restore(self._empty, "e1")

    def after_crash(self) -> None:
        """The process is gone with its connections; another one starts."""
        self.close()
        self._open = [SqlStore(open_database(self._url, self._folder)) for _ in range(2)]

    def leave(self) -> None:
        """Close the connections of the calling thread."""
        for store in self._open:
            store.database.close()

    def close(self) -> None:
        """Close all."""
        self.leave()
        self._open = []


_TABLES = (
    "spaces",
    "log",
    "records",
    "open_conflicts",
    "audiences",
    "receipts",
    "parked",
    "parked_waits",
    "fates",
    "flags",
)
"""What the engine's port writes."""


@contextmanager
def backend(name: str, url: str = "") -> Iterator[Backend]:
    """An empty store of this kind. `url`: an empty database of PostgreSQL's, else one is made.

    Every commit is flushed as in production, to a folder in memory if there is one: what a real disk keeps
    is proven elsewhere, by killing real processes.
    """
    if name == "memory":
        yield InMemory()
        return
    with ExitStack() as stack:
        place = MEMORY if MEMORY.is_dir() else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rounds-sim-", dir=place)))
        if name == "postgresql":
            url = url or stack.enter_context(fresh_database())
        else:
            with closing(open_database(url, folder)) as database:
                migrate(database, folder)
        opened = OnSql(name, url, folder)
        stack.callback(opened.close)
        yield opened
