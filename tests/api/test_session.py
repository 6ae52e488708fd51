"""Signing in and out (issue: wrong password slow, limited, same words for an unknown user)."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from server.clock import Clock
from server.storage.accounts import Accounts
from server.storage.devices import Devices
from tests.factories import inspection, new_id
from tests.house import Client, House
from tests.people import HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, Person

NOBODY = Person(99, "nobody", "无此人", QINGYANLI)


def test_signing_in_says_who_and_what(house: House):
    answer = Client(house, HE_GUILAN).try_to_sign_in()
    assert answer.status_code == 200
    body = answer.json
    assert body is not None
    assert body["user"] == {"id": HE_GUILAN.id, "username": "t07", "name": "何桂兰"}
    assert body["device"] == {"id": HE_GUILAN.tablet, "name": "t07 平板"}
    assert [one["space"] for one in body["spaces"]] == ["hq", QINGYANLI]
    assert len(body["token"]) >= 40
    assert answer.headers["Cache-Control"] == "no-store"


def test_wrong_password_unknown_user_and_disabled_account_get_the_same_words(house: House):
    Accounts(house.database).set_disabled(TANG_ZHIQIANG.id, True)
    tries = [(HE_GUILAN, "wrong"), (NOBODY, "wrong"), (TANG_ZHIQIANG, "demo"), (HE_GUILAN, "demo ")]
    answers = [Client(house, person).try_to_sign_in(password) for person, password in tries]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert "Set-Cookie" not in answers[0].headers


@pytest.mark.embedded
def test_an_unknown_user_takes_as_long_as_a_wrong_password(house: House):
    def fastest(person: Person) -> float:
        times = []
        for _ in range(2):
            started = time.perf_counter()
            Client(house, person).try_to_sign_in("wrong")
            times.append(time.perf_counter() - started)
        return min(times)

    known, unknown = fastest(HE_GUILAN), fastest(NOBODY)
    assert known > 0.4, "a wrong guess must be slow"
    assert 0.5 < known / unknown < 2


@pytest.mark.embedded
def test_guessing_is_limited_by_name_and_address(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("server.api.limits.WRONG_TAKES", 0)
    guesser = Client(house, HE_GUILAN)
    codes = [guesser.try_to_sign_in("wrong").status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    refused = guesser.try_to_sign_in()
    assert refused.status_code == 429
    assert refused.json is not None
    assert refused.json["code"] == "too_many_requests"
    assert int(refused.headers["Retry-After"]) > 0
    assert Client(house, TANG_ZHIQIANG).try_to_sign_in().status_code == 200


@pytest.mark.embedded
def test_signing_in_rightly_is_never_limited(house: House):
    assert {Client(house, HE_GUILAN).try_to_sign_in().status_code for _ in range(30)} == {200}


def test_signing_out_ends_the_session(house: House, sign_in):
    tablet, other = sign_in(HE_GUILAN), sign_in(HE_GUILAN)
    answer = tablet.http.delete("/api/v1/session", headers=tablet.headers)
    assert answer.status_code == 204
    assert tablet.get("/sync/scope").json["code"] == "signed_out"
    assert other.get("/sync/scope").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_without_a_session_everything_answers_401(house: House, headers):
    client = house.app.test_client()
    for path in ("/sync/scope", f"/sync/{QINGYANLI}/pull", "/sync/nowhere/pull", "/parked"):
        answer = client.get(f"/api/v1{path}", headers=headers)
        assert (answer.status_code, answer.json["code"]) == (401, "signed_out")  # type: ignore[index]
    assert client.post(f"/api/v1/sync/{QINGYANLI}/push", json={}, headers=headers).status_code == 401


def test_a_page_gets_its_token_as_a_cookie_only(house: House):
    browser = house.app.test_client()
    body = {"username": "t07", "password": "demo", "device": {"id": new_id(), "name": "浏览器"}}
    answer = browser.post("/api/v1/session", json=body, headers={"X-Rounds-Client": "1"})
    assert answer.json is not None
    assert answer.json["token"] == ""
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("rounds_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert browser.get("/api/v1/sync/scope").status_code == 200
    secure = browser.post("/api/v1/session", json=body, base_url="https://rounds.example")
    assert "Secure" in secure.headers["Set-Cookie"]


def test_a_cookie_without_our_header_writes_nothing(house: House):
    browser = house.app.test_client()
    device = new_id()
    body = {"username": "t07", "password": "demo", "device": {"id": device, "name": "浏览器"}}
    browser.post("/api/v1/session", json=body)
    tablet = Client(house, HE_GUILAN, device)
    push = tablet.envelope(tablet.commit(inspection(HE_GUILAN)))
    path = f"/api/v1/sync/{QINGYANLI}/push"
    refused = browser.post(path, json=push)
    assert (refused.status_code, refused.json["code"]) == (403, "client_header")  # type: ignore[index]
    assert browser.delete("/api/v1/session").status_code == 403
    assert browser.post(path, json=push, headers={"X-Rounds-Client": "1"}).status_code == 200


@pytest.mark.embedded
def test_only_hashes_of_tokens_are_kept(house: House):
    answer = Client(house, HE_GUILAN).try_to_sign_in()
    assert answer.json is not None
    house.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert answer.json["token"].encode() not in (house.data / "rounds.sqlite3").read_bytes()


def test_a_key_is_set_once(house: House):
    client = Client(house, HE_GUILAN)
    key, other = {"kty": "EC", "x": "1"}, {"kty": "EC", "x": "2"}
    assert client.try_to_sign_in().status_code == 200
    answer = client.try_to_sign_in(public_key=key)
    assert answer.json is not None
    assert answer.json["device"]["public_key"] == key
    assert client.try_to_sign_in(public_key=key).status_code == 200
    refused = client.try_to_sign_in(public_key=other)
    assert refused.json is not None
    assert (refused.status_code, refused.json["code"]) == (409, "device_key_fixed")
    answer = client.try_to_sign_in()
    assert answer.json is not None
    assert answer.json["device"]["public_key"] == key


@pytest.mark.parametrize(("state", "code"), [("revoked", "wipe"), ("lost", "wipe_now")])
def test_a_device_that_was_taken_away_stays_out(house: House, sign_in, state, code):
    sign_in(HE_GUILAN)
    Devices(house.database).set_state(HE_GUILAN.tablet, state)
    answer = Client(house, HE_GUILAN).try_to_sign_in()
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (403, code)
    assert Client(house, HE_GUILAN, new_id()).try_to_sign_in().status_code == 200


def test_a_session_ends_after_half_a_year(tmp_path):
    house = House(tmp_path / "data", Clock())
    tablet = Client(house, HE_GUILAN).sign_in()
    house.clock.shift = timedelta(days=179)
    assert tablet.get("/sync/scope").status_code == 200
    house.clock.shift = timedelta(days=181)
    assert tablet.get("/sync/scope").status_code == 401
    house.close()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "unreadable"),
        (b"[1]", 400, "unreadable"),
        (b"{}", 422, "invalid"),
        (b'{"username":"t07","password":"demo","device":{"id":"x","name":"y"}}', 422, "invalid"),
        (b'{"username":5,"password":"demo","device":null}', 422, "invalid"),
        (b" " * 70_000, 413, "too_large"),
    ],
)
@pytest.mark.embedded
def test_a_bad_request_says_what_is_wrong(house: House, body, status, code):
    answer = house.app.test_client().post("/api/v1/session", data=body)
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (status, code)
