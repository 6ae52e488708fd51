"""Several spaces and several servers writing at the same time (I5, I6, I8); SQLite has one writer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest

from server.failures import Failure
from server.storage.database import Database, open_database
from server.storage.devices import Devices, note_contact
from server.storage.postgres import Postgres
from server.storage.spaces import Spaces, change_rights
from server.storage.store import SqlStore
from server.storage.transaction import SqlTransaction
from sync.ports import Reader, Writes
from sync.records import Head
from tests.postgres import cluster, fresh_database
from tests.storage.backends import store_over
from tests.storage.values import log_row, receipt, record, write

pytestmark = pytest.mark.postgres

T = TypeVar("T")
EVERYBODY = Reader(frozenset({"project"}))
WRITERS, EACH = 8, 30
NOW, LATER = "2026-11-23T09:00:00+08:00", "2026-11-23T09:00:01+08:00"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database with the usual spaces in it."""
    with fresh_database() as made:
        with closing(open_database(made, tmp_path)) as database:
            store_over(database)
        yield made


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[SqlStore]:
    with closing(open_database(url, tmp_path)) as database:
        yield SqlStore(database)


class Numbered(SqlTransaction):
    """A writer that takes its number from a plain sequence and locks nothing: the mistake not made here."""

    def head(self) -> Head:
        row = self._tx.row(
            "SELECT nextval('numbers') - 1, at, generation FROM spaces WHERE id = ?", (self.space,)
        )
        assert row is not None
        return Head(*row)


class Race:
    """Eight servers push to one space while a reader polls. ``transaction``: what their writers use."""

    def __init__(self, url: str, folder: Path, transaction: type[SqlTransaction]) -> None:
        self.url, self.folder, self.transaction = url, folder, transaction
        self.written: set[str] = set()
        self.refused = 0
        self.seen: dict[str, int] = {}
        self.failures: list[BaseException] = []
        self._done = threading.Event()

    def run(self, seed: int) -> Race:
        """Let them race until all have written what they have to."""
        writers = [threading.Thread(target=self._guard, args=(self._write, seed, n)) for n in range(WRITERS)]
        reader = threading.Thread(target=self._guard, args=(self._poll,))
        for thread in (reader, *writers):
            thread.start()
        for thread in writers:
            thread.join(60)
        self._done.set()
        reader.join(60)
        assert self.failures == []
        return self

    @property
    def missed(self) -> set[str]:
        """What is written and the reader has not seen."""
        return self.written - self.seen.keys()

    def _guard(self, work: Callable[..., None], *args: Any) -> None:
        try:
            with closing(open_database(self.url, self.folder)) as database:
                work(database, *args)
        except BaseException as error:
            self.failures.append(error)

    def _write(self, database: Database, seed: int, writer: int) -> None:
        pauses = Random(f"{seed} {writer}")
        for number in range(EACH):
            ident = f"{seed}-{writer}-{number}"
            try:
                with database.write("qyl") as tx:
                    transaction = self.transaction(tx, "qyl", [])
                    head = transaction.head()
                    row = log_row(head.seq + 1, head.at, change=ident, record=ident)
                    time.sleep(pauses.uniform(0, 0.002))
                    made = record(ident, row.seq, last_change=ident)
                    transaction.write(Writes(Head(row.seq, row.chain, head.epoch), [row], [(None, made)]))
            except Failure:
                self.refused += 1
            else:
                self.written.add(ident)

    def _poll(self, database: Database) -> None:
        """As a device does: everything after its cursor, which then stands at the last of it."""
        store, cursor = SqlStore(database), 0
        while True:
            last = self._done.is_set()
            with store.snapshot("qyl", EVERYBODY) as snapshot:
                rows = snapshot.rows(cursor, 1000)
            self.seen.update({row.split('"id":"', 1)[1].split('"', 1)[0]: seq for seq, row in rows})
            cursor = max([cursor, *(seq for seq, _ in rows)])
            if last:
                return


def test_a_polling_reader_misses_nothing_while_eight_servers_push(url: str, tmp_path: Path):
    race = Race(url, tmp_path, SqlTransaction).run(1)
    assert race.refused == 0
    assert race.missed == set()
    assert sorted(race.seen.values()) == list(range(1, WRITERS * EACH + 1)), "seqs with holes"


def test_with_numbers_from_a_plain_sequence_it_misses_rows(url: str, tmp_path: Path):
    """So that the test above is known to bite."""
    cluster().run("CREATE SEQUENCE numbers", database=url.rpartition("/")[2])
    missed = (Race(url, tmp_path, Numbered).run(seed).missed for seed in range(20))
    assert any(missed)


def test_without_the_lock_the_key_of_the_log_refuses_what_would_be_lost(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Writers that do not wait for each other count alike; the second net lets one of them through."""
    monkeypatch.setattr(Postgres, "lock_row", lambda self: "")
    races = [Race(url, tmp_path, SqlTransaction).run(seed) for seed in range(2)]
    assert any(race.refused for race in races)
    assert all(race.written for race in races)


def test_spaces_do_not_wait_for_each_other(store: SqlStore):
    """I6, in one process: while the transaction of one space is open, another one is written and read."""
    with store.transaction("qyl") as tx:
        tx.head()
        _in_time(lambda: write(store, "xqgy", records=[(None, record("r1", space="xqgy"))]))
        assert _in_time(lambda: (_head(store, "qyl"), _head(store, "xqgy"))) == (0, 1)


def test_spaces_do_not_wait_for_each_others_rights(store: SqlStore):
    spaces, begin = Spaces(store.database), ("qyl", "xqgy", "hq")
    versions = [spaces.rights_version()]
    for held in begin:
        with store.database.write(held) as tx:
            change_rights(tx, held)
            for other in begin:
                if other != held:
                    _in_time(partial(_change, store.database, other))
                    versions.append(_in_time(spaces.rights_version))
        versions.append(spaces.rights_version())
    assert versions == sorted(set(versions)), "a version that is not new"


def test_writers_of_one_space_take_turns_and_hold_no_connection_meanwhile(store: SqlStore):
    waiting: list[threading.Thread] = []
    with store.transaction("qyl") as tx:
        tx.head()
        for number in range(40):
            made = record(f"r{number}")
            waiting.append(threading.Thread(target=write, args=(store,), kwargs={"records": [(None, made)]}))
            waiting[-1].start()
        _in_time(lambda: write(store, "xqgy", records=[(None, record("x1", space="xqgy"))]))
        busy = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
        # The open transaction, and this question.
        assert _in_time(lambda: store.database.row(busy)) == (2,)
    for thread in waiting:
        thread.join(30)
    assert _head(store, "qyl") == 40


IDS: dict[str, dict[str, Callable[[str], list[Any]]]] = {
    "commit": {"receipts": lambda space: [receipt("c1", space=space)]},
    "record": {"records": lambda space: [(None, record("r1", space=space))]},
    "change": {"log": lambda space: [log_row(1, change="c7", record=f"r-{space}")]},
}


@pytest.mark.parametrize("what", IDS)
def test_an_id_that_two_spaces_use_at_once_goes_to_one_of_them(store: SqlStore, what: str):
    """The other is told to come again, and then finds it taken, as it would have on SQLite."""
    outcomes: list[str] = []

    def use(space: str) -> None:
        with store.transaction(space) as tx:
            parts: dict[str, Any] = {name: make(space) for name, make in IDS[what].items()}
            tx.write(Writes(tx.head(), **parts))

    def use_too() -> None:
        try:
            use("xqgy")
        except Failure as failure:
            outcomes.append(failure.code)

    second = threading.Thread(target=use_too)
    with store.transaction("qyl") as tx:
        tx.write(Writes(tx.head(), **{name: make("qyl") for name, make in IDS[what].items()}))
        second.start()
        _until(lambda: bool(_waiting(store.database)))
    second.join(30)
    assert outcomes == ["busy"]
    with store.transaction("xqgy") as tx:
        assert [one.space for one in tx.receipts(["c1"]).values()] == ["qyl"] * (what == "commit")
        assert [one.space for one in tx.records(["r1"]).values()] == ["qyl"] * (what == "record")
        assert list(tx.changes(["c7"])) == ["c7"] * (what == "change")


def test_two_devices_that_meet_do_not_undo_each_others_contact(url: str, tmp_path: Path):
    with ExitStack() as stack:
        one, other = (stack.enter_context(closing(open_database(url, tmp_path))) for _ in range(2))
        Devices(one).register("tablet", "t07", None, NOW)
        with one.write("qyl") as tx:
            note_contact(tx, "tablet", "he", NOW, 2, None)
        second = threading.Thread(target=_note, args=(other, LATER, 3, 1.5))
        with one.write("qyl") as tx:
            note_contact(tx, "tablet", "he", NOW, 0, None)
            second.start()
            _until(lambda: bool(_waiting(one)))
        second.join(30)
        [contact] = Devices(one).contacts()
        assert (contact.unsent, contact.unsent_zero_at, contact.clock_offset) == (3, NOW, 1.5)


def _note(database: Database, now: str, unsent: int, offset: float) -> None:
    with database.write("xqgy") as tx:
        note_contact(tx, "tablet", "he", now, unsent, offset)


def _change(database: Database, space: str) -> None:
    with database.write(space) as tx:
        change_rights(tx, space)


def _head(store: SqlStore, space: str) -> int:
    with store.snapshot(space, EVERYBODY) as snapshot:
        return snapshot.head().seq


def _in_time(work: Callable[[], T]) -> T:
    """Run it in a thread that must end while whatever is held stays held."""
    found: list[T] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join(10)
    assert not thread.is_alive(), "it waits"
    return found[0]


def _waiting(database: Database) -> int:
    """How many connections of this database wait for a lock."""
    name = database.peewee.database
    asked = f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}' AND wait_event_type = 'Lock'"
    return len(cluster().run(asked))


def _until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")
