"""What PostgreSQL is asked before it is trusted, and how errors of its come out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from server.config import ROOT
from server.failures import Failure
from server.storage.database import Database, open_database
from server.storage.migration_writer import write_migration
from server.storage.models import MODELS, Device
from server.storage.postgres import MOST_CONNECTIONS, Postgres
from server.storage.schema import drift, migrate
from tests.postgres import cluster, fresh_database
from tests.storage.backends import on_postgres, store_over

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with on_postgres(tmp_path) as opened:
        yield opened


@pytest.fixture
def url() -> Iterator[str]:
    with fresh_database() as made:
        yield made


def test_transactions_are_of_the_kind_that_the_protocol_asks_for(database: Database):
    level = "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
    with database.write() as tx:
        assert tx.row(level) == ("read committed", "off")
    with database.read() as tx:
        assert tx.row(level) == ("repeatable read", "on")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), database.read() as tx:
        tx.run("DELETE FROM devices")


def test_what_is_promised_is_asked_for(database: Database):
    names = ("synchronous_commit", "fsync", "server_encoding", "client_encoding")
    asked = {name: database.row(f"SELECT current_setting('{name}')") for name in names}
    assert asked == {
        "synchronous_commit": ("on",),
        "fsync": ("on",),
        "server_encoding": ("UTF8",),
        "client_encoding": ("UTF8",),
    }


@pytest.mark.parametrize(
    ("setting", "value"), [("synchronous_commit", "off"), ("synchronous_commit", "local")]
)
def test_a_database_that_does_not_wait_for_the_disk_is_refused(
    url: str, tmp_path: Path, setting: str, value: str
):
    cluster().run(f"ALTER DATABASE {{}} SET {setting} = '{value}'", url.rpartition("/")[2])
    with (
        closing(open_database(url, tmp_path)) as database,
        pytest.raises(ValueError, match=f"{setting} is {value}"),
    ):
        migrate(database, tmp_path)


def test_a_database_that_turns_unsafe_later_takes_nothing_more(url: str, tmp_path: Path):
    with closing(open_database(url, tmp_path)) as database:
        migrate(database, tmp_path)
        cluster().run("ALTER DATABASE {} SET synchronous_commit = off", url.rpartition("/")[2])
        database.close()
        with pytest.raises(Failure, match="busy"), database.write():
            pass


@pytest.mark.parametrize(
    ("made_with", "words"),
    [
        ("ENCODING 'SQL_ASCII' LOCALE 'C'", "SQL_ASCII"),
        ("ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'", "sort"),
    ],
)
def test_a_database_of_another_encoding_or_order_is_refused(tmp_path: Path, made_with: str, words: str):
    name = "rounds_odd"
    cluster().run(f"CREATE DATABASE {{}} TEMPLATE template0 {made_with}", name)
    try:
        with (
            closing(open_database(cluster().url(name), tmp_path)) as database,
            pytest.raises(ValueError, match=words),
        ):
            migrate(database, tmp_path)
    finally:
        cluster().drop(name)


def test_a_database_that_cannot_be_reached_is_named(tmp_path: Path):
    nowhere = cluster().url("nowhere")
    with closing(open_database(nowhere, tmp_path)) as database, pytest.raises(ValueError, match="nowhere"):
        migrate(database, tmp_path)
    with pytest.raises(ValueError, match="ROUNDS_DATABASE_URL cannot be understood"):
        open_database("postgresql://[::1/rounds", tmp_path)


def test_a_database_made_as_the_handbook_says_is_good(tmp_path: Path):
    """With the rights of its owner, who is no administrator."""
    page = (ROOT / "docs" / "database.md").read_text("utf-8")
    made_with = page.split("```sql\n")[1].split("```")[0].replace("rounds", "rounds_owner")
    for statement in made_with.strip().splitlines():
        cluster().run(statement)
    try:
        address = cluster().url("rounds_owner").replace("rounds@", "rounds_owner@")
        with closing(open_database(address, tmp_path)) as database:
            assert migrate(database, tmp_path)
            assert drift(address) == []
            store_over(database)
    finally:
        cluster().drop("rounds_owner")
        cluster().run("DROP ROLE {}", "rounds_owner")


def test_text_is_sorted_by_its_bytes_as_in_sqlite(database: Database):
    words = ["b", "B", "a", "_", "~", "é", "中", "\ufffd", "\U0001f600"]
    with database.write() as tx:
        tx.run_many(tx.table(Device).insert, [(word, word, None, "active", "") for word in words])
    rows = database.rows("SELECT id FROM devices ORDER BY id")
    assert [word for (word,) in rows] == sorted(words, key=str.encode)


def test_models_and_migrations_agree(url: str, monkeypatch: pytest.MonkeyPatch):
    assert drift(url) == []
    monkeypatch.setattr("server.storage.schema.MODELS", [model for model in MODELS if model is not Device])
    assert drift(url) == ["drop table devices"]


def test_two_servers_that_start_at_once_migrate_once(tmp_path: Path):
    applied: list[list[str]] = []
    with fresh_database("template0") as url:

        def start(number: int) -> None:
            with closing(open_database(url, tmp_path / str(number))) as database:
                applied.append(migrate(database, tmp_path / str(number)))

        threads = [threading.Thread(target=start, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(map(bool, applied)) == [False, False, False, True]
    assert write_migration("nothing") is None


def test_a_connection_that_was_cut_is_made_anew(database: Database):
    name = database.row("SELECT current_database()")
    assert name is not None
    for _ in range(3):
        cluster().run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name[0]}'")
        assert database.row("SELECT 1") == (1,)
    cluster().run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name[0]}'")
    with database.write() as tx:
        tx.run("DELETE FROM devices")


def test_a_connection_that_is_cut_in_the_middle_keeps_nothing_and_says_come_back(database: Database):
    store = store_over(database)

    def cut_off() -> None:
        with store.transaction("qyl") as tx:
            tx.head()
            database.run("UPDATE spaces SET head = 7 WHERE id = 'qyl'")
            [(pid,)] = database.rows("SELECT pg_backend_pid()")
            cluster().run(f"SELECT pg_terminate_backend({pid}, 5000)")
            tx.records(["r1"])

    with pytest.raises(Failure, match="busy"):
        cut_off()
    with store.transaction("qyl") as tx:
        assert tx.head().seq == 0


def test_a_deadlock_says_come_back_and_the_other_goes_on(database: Database):
    store_over(database)
    both, outcomes = threading.Barrier(2), []

    def cross(first: str, second: str) -> None:
        try:
            with database.write() as tx:
                tx.run("UPDATE spaces SET name = ? WHERE id = ?", (first, first))
                both.wait(10)
                tx.run("UPDATE spaces SET name = ? WHERE id = ?", (first, second))
            outcomes.append("done")
        except Failure as failure:
            outcomes.append(failure.code)

    threads = [threading.Thread(target=cross, args=pair) for pair in (("hq", "qyl"), ("qyl", "hq"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["busy", "done"]


def test_an_error_that_somebody_swallows_is_no_commit(database: Database):
    def swallow() -> None:
        with database.write() as tx:
            tx.run_many(tx.table(Device).insert, [("tablet", "", None, "active", "")])
            with pytest.raises(psycopg.Error):
                tx.rows("SELECT nonsense")

    with pytest.raises(RuntimeError, match="rolled back"):
        swallow()
    assert database.rows("SELECT id FROM devices") == []


def test_a_fault_of_ours_is_not_called_busy(database: Database):
    with pytest.raises(psycopg.errors.UndefinedColumn):
        database.rows("SELECT nonsense")
    with pytest.raises(psycopg.errors.UniqueViolation), database.write() as tx:
        tx.run_many(tx.table(Device).insert, [("tablet", "", None, "active", "")] * 2)


def test_more_threads_than_connections_take_turns(database: Database):
    most, guard, inside = 0, threading.Lock(), 0

    def work() -> None:
        nonlocal most, inside
        for _ in range(5):
            with database.read() as tx:
                with guard:
                    inside += 1
                    most = max(most, inside)
                tx.rows("SELECT pg_sleep(0.002)")
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(3 * MOST_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [(open_ones,)] = database.rows("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()")
    assert 1 < most <= MOST_CONNECTIONS
    assert open_ones <= MOST_CONNECTIONS


def test_statements_are_translated_outside_quotes_only():
    translate = Postgres("postgresql://localhost/rounds").sql
    assert translate("""SELECT '?' || "a?%", ? WHERE b LIKE '%' AND c = ? % 2""") == (
        """SELECT '?' || "a?%%", %s WHERE b LIKE '%%' AND c = %s %% 2"""
    )
