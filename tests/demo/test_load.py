"""A first start loads the whole demo through the real engine, and then the real interface serves it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import pbkdf2_hmac
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import cli
from server.api.blobs import BLOBS
from server.api.passwords import hash_password
from server.api.services import EXTENSION
from server.app import create_app
from server.clock import Clock
from server.config import Settings
from server.demo import load
from server.demo.accounts import ACCOUNTS, PASSWORD
from server.demo.generate import SEED, DemoPlan
from server.demo.load import DemoHouse
from server.storage.accounts import Accounts
from server.storage.database import open_database
from server.storage.devices import Devices
from server.storage.pins import Pins
from server.storage.schema import migrate
from server.storage.spaces import Spaces
from tests.demo.conftest import MOMENTS, demo_of
from tests.demo.facts import changes, counted, states_of_records


class StillClock(Clock):
    """A clock that stands."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self.moment = datetime.fromisoformat(moment)

    def now(self) -> datetime:
        return self.moment


class Started:
    """A data folder after a start at some moment, and the app that serves it."""

    def __init__(self, folder: Path, moment: str) -> None:
        self.folder, self.moment = folder, moment
        self.clock, app = StillClock(moment), folder / "app"
        app.mkdir(exist_ok=True)
        settings = Settings(data=folder, secret_key="for tests", app=app)
        self.database = open_database("", folder)
        try:
            self.services = cli.prepare(settings, self.clock, self.database)
        finally:
            self.database.close()
        self.app = create_app(settings, self.clock)
        self.headers: dict[str, str] = {}

    def close(self) -> None:
        """Close this thread's connections."""
        self.database.close()
        spaces = self.app.extensions[EXTENSION].exchange.spaces
        spaces.database.close()

    def sign_in(self, username: str) -> Started:
        """With a device of the test's own."""
        device = {"id": "0193aaaa-0000-7000-8000-00000000000a", "name": "test"}
        body = {"username": username, "password": PASSWORD, "device": device}
        answer = self.http.post("/api/v1/session", json=body)
        assert answer.status_code == 200, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json['token']}"}  # type: ignore[index]
        return self

    @property
    def http(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON of a GET below /api/v1."""
        answer = self.http.get(f"/api/v1{path}", query_string=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    def blob(self, path: str) -> bytes:
        """The bytes of a GET below /api/v1."""
        with self.http.get(f"/api/v1{path}", headers=self.headers) as answer:
            assert answer.status_code == 200
            data: bytes = answer.data
            return data

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.database.rows(sql)

    def heads(self) -> dict[str, int]:
        return dict(self.rows("SELECT id, head FROM spaces"))


def heads_of(plan: DemoPlan) -> dict[str, int]:
    """Where the spaces are once every change was taken in."""
    return {space: sum(1 for _ in changes(plan, space)) for space in ("hq", "qyl", "xqgy")}


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Started]]:
    """First starts by moment, each made once."""
    made: dict[str, Started] = {}

    def start(moment: str) -> Started:
        if moment not in made:
            made[moment] = Started(tmp_path_factory.mktemp("data"), moment)
        return made[moment]

    yield start
    for started in made.values():
        started.close()


@pytest.fixture(params=MOMENTS)
def any_start(request: pytest.FixtureRequest, starts: Callable[[str], Started]) -> Started:
    """A first start, at each of these moments in turn; read it only."""
    return starts(request.param)


@pytest.fixture
def first_start(starts: Callable[[str], Started]) -> Started:
    """The first start of 23 November; read it only, or leave it as it was."""
    return starts(MOMENTS[0])


def test_a_first_start_takes_in_every_commit_as_it_stands(any_start: Started) -> None:
    plan = demo_of(any_start.moment)
    assert any_start.heads() == heads_of(plan)
    for table in ("parked", "flags", "open_conflicts"):
        assert any_start.rows(f"SELECT COUNT(*) FROM {table}") == [(0,)], table
    assert any_start.rows("SELECT DISTINCT complete FROM coverage_checks") == [(1,)]


def test_the_board_says_what_the_rule_says_of_the_records(any_start: Started) -> None:
    plan = demo_of(any_start.moment)
    any_start.sign_in("reviewer")
    for space, units in (("qyl", 208), ("xqgy", 16)):
        answer = any_start.get(f"/coverage/{space}")
        assert len(answer["units"]) == units
        told = {unit["unit"]: unit["state"] for unit in answer["units"]}
        assert told == {unit.unit: unit.state for unit in states_of_records(plan, space)}
        assert all(unit["inspector"] for unit in answer["units"])
    assert any_start.get("/coverage/hq")["units"] == []
    found = counted(states_of_records(plan, "qyl"))
    assert found["covered"] > 104
    assert 2 <= found["overdue"] <= 6


def test_every_photo_is_held_and_served_as_it_was_drawn(any_start: Started) -> None:
    plan = demo_of(any_start.moment)
    assert {row[0] for row in any_start.rows("SELECT sha256 FROM blobs")} == {
        one.sha256 for one in plan.photos
    }
    any_start.sign_in("reviewer")
    for photo in plan.photos[::25]:
        assert any_start.blob(f"/blobs/{photo.sha256}") == photo.data
        assert any_start.blob(f"/blobs/{photo.sha256}?size=thumb")[:2] == b"\xff\xd8"


def test_the_log_knows_each_change_by_author_device_and_arrival(any_start: Started) -> None:
    plan = demo_of(any_start.moment)
    logged = {row[0]: row[1:] for row in any_start.rows('SELECT change, "user", device, arrived_at FROM log')}
    for push in plan.pushes:
        for change in (change for commit in push.commits for change in commit["changes"]):
            user, device, arrived_at = logged[change["id"]]
            assert (user, device) == (plan.user(push.account), plan.device(push.account))
            assert datetime.fromisoformat(arrived_at) == push.arrived_at
    devices = {plan.device(account) for account in plan.devices.values()}
    contacts = any_start.rows("SELECT device, unsent FROM device_contacts")
    assert {device: unsent for device, unsent in contacts if device in devices} == dict.fromkeys(devices, 0)


def test_every_demo_account_signs_in_and_sees_its_spaces(first_start: Started) -> None:
    for account in ACCOUNTS:
        row = first_start.database.row(
            'SELECT "user", demo FROM accounts WHERE username = ?', (account.username,)
        )
        assert row == (demo_of(MOMENTS[0]).user(account), 1)
    # Signing in is limited per minute, so not all of them do.
    seen = {
        username: {space["space"] for space in first_start.sign_in(username).get("/sync/scope")["spaces"]}
        for username in ("t07", "x01", "reviewer", "branch")
    }
    assert seen["t07"] == {"hq", "qyl"}
    assert seen["x01"] == {"hq", "xqgy"}
    assert seen["reviewer"] == seen["branch"] == {"hq", "qyl", "xqgy"}


def test_everybody_of_the_demo_can_sign(first_start: Started) -> None:
    """Also whoever has no account: all bear the PIN 000000, which a lead's tablet checks by itself."""
    people = first_start.rows("SELECT id FROM records WHERE kind = 'person' ORDER BY id")
    assert first_start.rows("SELECT person FROM pins WHERE version = 1 ORDER BY person") == people
    by_lead = first_start.sign_in("t07").get("/pins/qyl")["people"]
    assert len(by_lead) == 9, "何桂兰 and the eight of her team"
    for row in by_lead[:2]:
        derived = pbkdf2_hmac("sha256", b"000000", urlsafe_b64decode(row["salt"] + "=="), 600_000, 32)
        assert urlsafe_b64encode(derived).decode().rstrip("=") == row["verifier"]
    assert len({row["salt"] for row in by_lead}) == load.SALTS


def test_t07_pulls_her_project_whole(first_start: Started) -> None:
    first_start.sign_in("t07")
    records: list[dict[str, Any]] = []
    since, epoch, at, more = 0, "", "", True
    while more:
        page = first_start.get("/sync/qyl/pull", since=since, epoch=epoch, at=at)
        records += page["records"]
        since, epoch, at, more = page["to"], page["epoch"], page["at"], page["more"]
    kinds = Counter(record["kind"] for record in records)
    expected = Counter(
        change["kind"] for change in changes(demo_of(MOMENTS[0]), "qyl") if change["op"] == "create"
    )
    assert kinds == expected
    assert (kinds["post"], kinds["area"], kinds["person"], kinds["team"]) == (67, 141, 126, 12)


def test_a_second_start_loads_nothing(first_start: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "generate", lambda *_: pytest.fail("the demo was made again"))
    again = Started(first_start.folder, MOMENTS[1])
    assert again.heads() == heads_of(demo_of(MOMENTS[0]))
    again.close()


def test_a_load_that_was_killed_is_ended_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle of the checks; started again on another day."""
    plan, applied, answers = demo_of(MOMENTS[0]), load._applied, count()

    def break_off(results: list[dict[str, Any]]) -> None:
        applied(results)
        if next(answers) == 200:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(load, "_applied", break_off)
        with pytest.raises(KeyboardInterrupt):
            Started(tmp_path, MOMENTS[0])
    started = Started(tmp_path, MOMENTS[1])
    assert started.heads() == heads_of(plan)
    assert started.rows("SELECT COUNT(*) FROM blobs") == [(len(plan.photos),)]
    assert started.rows("SELECT COUNT(*) FROM accounts") == [(len(ACCOUNTS),)]
    assert started.rows("SELECT COUNT(*) FROM flags") == [(0,)]
    started.close()


def test_a_photo_that_is_sent_again_is_held_once(first_start: Started) -> None:
    arrivals = first_start.services.parts[BLOBS].arrivals
    exchange, database = first_start.services.exchange, first_start.database
    spaces, accounts, devices, pins = Spaces(database), Accounts(database), Devices(database), Pins(database)
    house = DemoHouse(exchange, spaces, accounts, devices, arrivals, hash_password, pins)
    plan = demo_of(MOMENTS[0])
    for photo in plan.photos[:3]:
        load._upload(house, plan, photo)
    assert first_start.rows("SELECT COUNT(*) FROM blobs") == [(len(plan.photos),)]
    assert first_start.rows("SELECT COUNT(*) FROM blob_senders") == [(len(plan.photos),)]


def test_without_its_database_a_marked_folder_is_loaded_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / load.MARK).write_text('{"moment": "2026-01-05T08:00:00+08:00", "seed": 1, "done": true}')
    asked: list[tuple[datetime, int]] = []
    monkeypatch.setattr(load, "load_demo", lambda _, now, seed: asked.append((now, seed)))
    Started(tmp_path, MOMENTS[0]).close()
    assert asked == [(datetime.fromisoformat(MOMENTS[0]), SEED)]


def test_a_folder_with_other_data_is_left_alone(tmp_path: Path) -> None:
    """Somebody's own house, served with ROUNDS_DEMO=0 before."""
    database = open_database("", tmp_path)
    migrate(database, tmp_path)
    Spaces(database).create("own", "project", "自己的项目", "g1")
    database.close()
    started = Started(tmp_path, MOMENTS[0])
    assert started.heads() == {"own": 0}
    assert started.rows("SELECT COUNT(*) FROM accounts") == [(0,)]
    started.close()


def test_what_is_not_taken_in_stops_the_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo that breaks a rule must not look as if it had been loaded."""
    plan = demo_of(MOMENTS[0])
    first = plan.imports[0]
    broken = {**first.commits[0], "changes": [{**first.commits[0]["changes"][0], "kind": "nonsense"}]}
    spoilt = replace(plan, imports=(replace(first, commits=(broken,)), *plan.imports[1:]))
    monkeypatch.setattr(load, "generate", lambda *_: spoilt)
    with pytest.raises(load.DemoRefused, match="unknown_kind"):
        Started(tmp_path, MOMENTS[0])
