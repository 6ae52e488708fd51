"""Connections, the queue of writers, and the schema."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest

from server.storage import schema
from server.storage.database import Database, open_database
from server.storage.fair_lock import FairLock
from server.storage.migration_writer import write_migration
from server.storage.models import MODELS, Device
from server.storage.schema import drift, migrate


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = open_database("", tmp_path)
    migrate(opened, tmp_path)
    return opened


def test_every_commit_is_flushed_and_readers_do_not_block(database: Database):
    pragmas = {
        name: database.row(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragmas == {"journal_mode": ("wal",), "synchronous": (2,), "foreign_keys": (1,)}
    with database.write() as tx:
        assert {name: tx.row(f"PRAGMA {name}") for name in pragmas} == pragmas, "whoever writes has them, too"


def test_all_who_write_share_a_connection_and_nobody_reads_on_it(database: Database):
    """What it remembers of the file stays true from one transaction to the next."""
    used: list[object] = []

    def write() -> None:
        with database.write() as tx:
            used.append(tx._here.connection)

    for writer in [threading.Thread(target=write) for _ in range(3)]:
        writer.start()
        writer.join()
    with database.read() as tx:
        assert tx._here.connection is not used[0]
    assert len(used) == 3
    assert len(set(map(id, used))) == 1
    assert database.row("PRAGMA page_size") == (8192,)


def test_a_write_inside_a_write_is_refused_instead_of_hanging(database: Database):
    with database.write(), pytest.raises(RuntimeError, match="inside another"), database.write():
        pass
    with database.write() as tx:
        tx.run("DELETE FROM devices")


def test_writers_are_served_in_the_order_in_which_they_came():
    lock, served, writers = FairLock(), [], []

    def write(number: int) -> None:
        with lock.held():
            served.append(number)

    with lock.held():
        for number in range(20):
            writers.append(threading.Thread(target=write, args=(number,)))
            writers[-1].start()
            while len(lock._waiting) <= number:
                time.sleep(0.001)
    for writer in writers:
        writer.join()
    assert served == list(range(20))


def test_the_lock_holds_one_at_a_time():
    lock, inside, most = FairLock(), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(300):
            with lock.held():
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (1, 0)


def test_migrating_twice_changes_nothing(database: Database, tmp_path: Path):
    assert migrate(database, tmp_path) == []


def test_models_and_migrations_agree():
    assert drift() == []


def test_drift_is_found(monkeypatch: pytest.MonkeyPatch):
    class Renamed(Device):
        class Meta:
            table_name = "gadgets"

    monkeypatch.setattr(schema, "MODELS", [model for model in MODELS if model is not Device] + [Renamed])
    found = drift()
    assert "create table gadgets" in found
    assert "drop table devices" in found


def test_nothing_is_written_where_nothing_is_missing():
    assert write_migration("nothing") is None


def test_an_unknown_kind_of_database_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="oracle"):
        open_database("oracle://somewhere/rounds", tmp_path)


def test_a_writer_keeps_writers_of_other_processes_out_from_its_first_line(
    database: Database, tmp_path: Path
):
    """Else two that read before they write would both go on, and one of them fail in the middle."""
    other = sqlite3.connect(tmp_path / "rounds.sqlite3", timeout=0)
    try:
        with database.write() as tx:
            tx.row("SELECT 1")
            with pytest.raises(sqlite3.OperationalError, match="locked") as locked:
                other.execute("BEGIN IMMEDIATE")
        said = database.dialect.failure(locked.value)
        assert said is not None
        assert (said.status, said.code) == (503, "busy")
        other.execute("BEGIN IMMEDIATE")
        other.rollback()
    finally:
        other.close()
