"""Pokes over real sockets of the real server."""

from __future__ import annotations

import queue
import time
from typing import Any

import pytest
import requests
import socketio

from tests.factories import commit, envelope, inspection
from tests.people import HE_GUILAN, PASSWORD, QINGYANLI
from tests.served import Served

# What sockets do does not depend on the database.
pytestmark = pytest.mark.embedded

SOCKETS = 40


def _sign_in(served: Served) -> requests.Session:
    http = requests.Session()
    device = {"id": HE_GUILAN.tablet, "name": "tablet"}
    body = {"username": HE_GUILAN.username, "password": PASSWORD, "device": device}
    answer = http.post(f"{served.address}/session", json=body, timeout=20).json()
    http.headers["Authorization"] = f"Bearer {answer['token']}"
    return http


def _connect(served: Served, token: str, told: queue.Queue[Any], transport: str) -> socketio.Client:
    client = socketio.Client()
    client.on("poke", told.put)
    address = f"http://127.0.0.1:{served.port}"
    client.connect(address, auth={"token": token}, transports=[transport], wait_timeout=20)
    return client


def _push(served: Served, http: requests.Session, n: int) -> int:
    push = envelope(HE_GUILAN, commit(inspection(HE_GUILAN), n=n))
    answer = http.post(f"{served.address}/sync/{QINGYANLI}/push", json=push, timeout=20).json()
    return int(answer["head"])


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_poke_comes_within_a_second(served: Served, transport: str):
    http = _sign_in(served)
    told: queue.Queue[Any] = queue.Queue()
    token = str(http.headers["Authorization"]).split(" ")[1]
    client = _connect(served, token, told, transport)
    started = time.monotonic()
    head = _push(served, http, 1)
    assert told.get(timeout=20) == {"space": QINGYANLI, "head": head}
    assert time.monotonic() - started < 5
    client.disconnect()


def test_a_foreign_page_cannot_open_a_socket(served: Served):
    http = _sign_in(served)
    address = f"http://127.0.0.1:{served.port}/socket.io/?EIO=4&transport=polling"
    assert http.get(address, headers={"Origin": "http://evil.example"}, timeout=20).status_code == 400
    own = {"Origin": f"http://127.0.0.1:{served.port}"}
    assert http.get(address, headers=own, timeout=20).status_code == 200


def test_many_open_sockets_leave_room_for_requests_and_end_at_once(served: Served):
    http = _sign_in(served)
    told: queue.Queue[Any] = queue.Queue()
    token = str(http.headers["Authorization"]).split(" ")[1]
    clients = [_connect(served, token, told, "websocket") for _ in range(SOCKETS)]
    head = _push(served, http, 1)
    assert [told.get(timeout=20)["head"] for _ in clients] == [head] * SOCKETS
    for client in clients:
        client.eio.reconnection = False
        client.reconnection = False
    assert served.stop() < 6
    for client in clients:
        client.disconnect()
