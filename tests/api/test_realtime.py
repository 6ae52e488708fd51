"""Pokes: who gets them, and when."""

from __future__ import annotations

from typing import Any

import pytest
from flask_socketio import SocketIOTestClient

from server.app import REALTIME
from server.realtime import Realtime
from server.storage.accounts import Accounts
from tests.factories import create, inspection, new_id, patch
from tests.house import Client, House
from tests.people import ADMIN, HE_GUILAN, LEAD_AT_XIQIAO, QINGYANLI, XIQIAO, ZENG_KE

# Pokes do not depend on the database.
pytestmark = pytest.mark.embedded


def listen(house: House, client: Client) -> SocketIOTestClient:
    """A socket of a client."""
    realtime: Realtime = house.app.extensions[REALTIME]
    token = client.headers["Authorization"].split(" ")[1]
    return realtime.socketio.test_client(house.app, auth={"token": token})


def pokes(socket: SocketIOTestClient) -> list[dict[str, Any]]:
    """What a socket was told since it was asked last."""
    return [event["args"][0] for event in socket.get_received() if event["name"] == "poke"]


def test_a_commit_pokes_whoever_reads_the_space(house: House, sign_in):
    lead, reviewer, other = sign_in(HE_GUILAN), sign_in(ZENG_KE), sign_in(LEAD_AT_XIQIAO)
    sockets = [listen(house, client) for client in (lead, reviewer, other)]
    result = lead.save(QINGYANLI, inspection(HE_GUILAN))
    [head] = result["seqs"].values()
    told = [[poke for poke in pokes(socket) if poke["space"] == QINGYANLI] for socket in sockets]
    assert told == [[{"space": QINGYANLI, "head": head}], [{"space": QINGYANLI, "head": head}], []]


def test_a_poke_carries_nothing_but_the_space_and_its_head(house: House, sign_in):
    lead = sign_in(HE_GUILAN)
    socket = listen(house, lead)
    lead.save(QINGYANLI, inspection(HE_GUILAN))
    assert {frozenset(poke) for poke in pokes(socket)} == {frozenset({"space", "head"})}


def test_what_changes_nothing_pokes_nobody(house: House, sign_in):
    lead = sign_in(HE_GUILAN)
    socket = listen(house, lead)
    commit = lead.commit(inspection(HE_GUILAN))
    lead.push(QINGYANLI, commit)
    pokes(socket)
    lead.push(QINGYANLI, commit)
    lead.push(QINGYANLI)
    assert pokes(socket) == []


def test_what_is_parked_pokes_whoever_reviews_it(house: House, sign_in):
    lead, reviewer = sign_in(HE_GUILAN), sign_in(ZENG_KE)
    lead.push(QINGYANLI)
    socket = listen(house, reviewer)
    saved = lead.commit(inspection(HE_GUILAN, level="weekly"))
    assert lead.push(QINGYANLI, saved)[0]["status"] == "parked"
    assert {poke["space"] for poke in pokes(socket)} == {QINGYANLI}
    lead.push(QINGYANLI, saved)
    assert pokes(socket) == [], "asking what became of it is no news"


def test_a_heartbeat_that_boards_would_show_pokes(house: House, sign_in):
    lead, reviewer = sign_in(HE_GUILAN), sign_in(ZENG_KE)
    lead.push("hq", unsent=0)
    socket = listen(house, reviewer)
    lead.push("hq", unsent=4)
    assert {poke["space"] for poke in pokes(socket)} == {"hq", QINGYANLI}


def test_nobody_listens_without_a_session(house: House):
    realtime: Realtime = house.app.extensions[REALTIME]
    for auth in (None, {}, {"token": "wrong"}, {"token": 7}, "token"):
        assert not realtime.socketio.test_client(house.app, auth=auth).is_connected()


def test_a_page_listens_by_its_cookie(house: House):
    realtime: Realtime = house.app.extensions[REALTIME]
    browser = house.app.test_client()
    body = {"username": "t07", "password": "demo", "device": {"id": new_id(), "name": "浏览器"}}
    browser.post("/api/v1/session", json=body, headers={"X-Rounds-Client": "1"})
    assert realtime.socketio.test_client(house.app, flask_test_client=browser).is_connected()


def test_rooms_follow_the_rights(house: House, sign_in):
    lead, admin, other = sign_in(HE_GUILAN), sign_in(ADMIN), sign_in(LEAD_AT_XIQIAO)
    socket = listen(house, lead)
    change = create(
        "role_assignment", {"person": HE_GUILAN.id, "role": "team_lead", "starts_on": "2026-01-01"}
    )
    admin.save(XIQIAO, change)
    pokes(socket)
    other.save(XIQIAO, inspection(LEAD_AT_XIQIAO))
    assert {poke["space"] for poke in pokes(socket)} == {XIQIAO}
    admin.save(
        XIQIAO,
        patch("role_assignment", change["record"], {"period": change["id"]}, {"ends_on": "2026-01-02"}),
    )
    pokes(socket)
    other.save(XIQIAO, inspection(LEAD_AT_XIQIAO))
    assert pokes(socket) == []


def test_whoever_was_disabled_hears_nothing_more(house: House, sign_in):
    lead, reviewer = sign_in(HE_GUILAN), sign_in(ZENG_KE)
    socket = listen(house, lead)
    Accounts(house.database).set_disabled(HE_GUILAN.id, True)
    realtime: Realtime = house.app.extensions[REALTIME]
    realtime.judge_rooms()
    reviewer.push(QINGYANLI, unsent=1)
    assert not socket.is_connected() or pokes(socket) == []
