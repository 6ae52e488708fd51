"""What is answered while PostgreSQL is held by others or away (I1, I6, I8); killed it is in tests/faults."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from server import cli
from server.clock import Clock
from server.config import Settings
from server.storage import postgres
from server.storage.database import open_database
from tests.factories import inspection
from tests.house import Client, House
from tests.people import HE_GUILAN, LEAD_AT_XIQIAO, QINGYANLI, XIQIAO
from tests.postgres import cluster, fresh_database

pytestmark = [pytest.mark.postgres, pytest.mark.embedded]


@pytest.fixture
def database_url() -> Iterator[str]:
    with fresh_database() as url:
        yield url


def hold(url: str, space: str) -> psycopg.Connection:
    """Another server in the middle of a push to this space, until it is closed."""
    connection = psycopg.connect(url)
    connection.execute("SELECT head FROM spaces WHERE id = %s FOR UPDATE", (space,))
    return connection


def test_a_space_that_is_held_delays_no_other_and_no_reader(house: House, database_url: str, sign_in):
    here, elsewhere = sign_in(HE_GUILAN), sign_in(LEAD_AT_XIQIAO)
    answers: list[str] = []

    def push() -> None:
        answers.append(here.save(QINGYANLI, inspection(HE_GUILAN))["status"])

    waiting = threading.Thread(target=push)
    with closing(hold(database_url, QINGYANLI)):
        waiting.start()
        assert elsewhere.save(XIQIAO, inspection(LEAD_AT_XIQIAO))["status"] == "applied"
        assert here.pull(QINGYANLI)
        assert here.get("/sync/scope").status_code == 200
        assert here.get(f"/coverage/{QINGYANLI}").status_code == 200
        assert answers == []
    waiting.join(30)
    assert answers == ["applied"]


def test_who_waits_too_long_is_told_to_come_back_and_nothing_is_kept(
    house: House, database_url: str, sign_in, monkeypatch: pytest.MonkeyPatch
):
    tablet = sign_in(HE_GUILAN)
    house.close()
    monkeypatch.setattr(postgres, "_SETTINGS", "SET lock_timeout = '100ms'")
    commit = tablet.commit(inspection(HE_GUILAN))
    before = tablet.pull(QINGYANLI)
    with closing(hold(database_url, QINGYANLI)):
        _told_to_come_back(tablet, commit)
    assert tablet.pull(QINGYANLI) == before
    [result] = tablet.push(QINGYANLI, commit)
    assert (result["status"], result["replayed"]) == ("applied", False)


def test_while_the_database_is_away_everything_says_come_back(house: House, database_url: str, sign_in):
    tablet = sign_in(HE_GUILAN)
    name = database_url.rpartition("/")[2]
    commit = tablet.commit(inspection(HE_GUILAN))
    cluster().run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    cluster().run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    _told_to_come_back(tablet, commit)
    answer = tablet.get(f"/sync/{QINGYANLI}/pull")
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (503, "busy")
    cluster().run("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
    [result] = tablet.push(QINGYANLI, commit)
    assert result["status"] == "applied"


def test_a_push_whose_commit_was_not_heard_of_is_answered_when_it_comes_again(
    house: House, sign_in, monkeypatch: pytest.MonkeyPatch
):
    tablet = sign_in(HE_GUILAN)
    sent = tablet.commit(inspection(HE_GUILAN))

    def commit_and_vanish(self: postgres.Postgres, connection: psycopg.Connection) -> None:
        connection.execute("COMMIT")
        raise psycopg.OperationalError("the connection was lost")

    with monkeypatch.context() as broken:
        broken.setattr(postgres.Postgres, "commit", commit_and_vanish)
        _told_to_come_back(tablet, sent)
    [result] = tablet.push(QINGYANLI, sent)
    assert (result["status"], result["replayed"]) == ("applied", True)


def _told_to_come_back(tablet: Client, commit: dict) -> None:
    answer = tablet.post(f"/sync/{QINGYANLI}/push", json=tablet.envelope(commit))
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_database_that_is_not_there_ends_the_command_in_words(tmp_path: Path, monkeypatch, capfd):
    monkeypatch.setenv("ROUNDS_DATA", str(tmp_path))
    monkeypatch.setenv("ROUNDS_DATABASE_URL", cluster().url("nowhere"))
    assert cli.main(["serve"]) == 2
    said = capfd.readouterr().err
    assert "ROUNDS_DATABASE_URL" in said
    assert "nowhere" in said


def test_every_command_knows_the_database(database_url: str, monkeypatch, capsys):
    monkeypatch.setenv("ROUNDS_DATABASE_URL", database_url)
    before = _schemas(database_url)
    assert cli.main(["migrations-check"]) == 0
    assert capsys.readouterr().out == ""
    assert _schemas(database_url) == before
    monkeypatch.setattr("server.storage.schema._column_drift", lambda *_: ["change column a.b"])
    assert cli.main(["migrations-check"]) == 1
    assert "PostgreSQL: change column a.b" in capsys.readouterr().out


def _schemas(url: str) -> list:
    with closing(open_database(url, Path())) as database:
        return database.rows("SELECT nspname FROM pg_namespace ORDER BY 1")


def test_the_demo_is_loaded_into_an_empty_database(tmp_path: Path, database_url: str):
    settings = Settings(data=tmp_path / "data", database_url=database_url, secret_key="for tests")
    with closing(open_database(database_url, settings.data)) as database:
        house = cli.prepare(settings, Clock.starting_at("2026-11-23T09:30:00+08:00"), database)
        assert "t07" in house.accounts.demo_usernames()
        assert all(space.head for space in house.exchange.spaces.all())
        assert database.row("SELECT COUNT(*) FROM blobs") != (0,)
    assert not (settings.data / "rounds.sqlite3").exists()
