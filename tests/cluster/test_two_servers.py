"""Two app servers are one: what goes in through either is there, and holds, at the other."""

from __future__ import annotations

import hashlib
import queue
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.evidence.pictures import photo
from tests.factories import area_check, create, inspection, new_id, patch, post
from tests.people import (
    ADMIN,
    HAN_JINGYI,
    HE_GUILAN,
    LEAD_AT_XIQIAO,
    QINGYANLI,
    TANG_ZHIQIANG,
    YAO_CHUNYAN,
    ZENG_KE,
)
from tests.remote import Remote
from tools.cluster import Cluster
from tools.cluster.front import is_healthy


def eventually(reach: Callable[[], object], wanted: object, seconds: float = 10) -> object:
    """What ``reach`` says once it says ``wanted``, or at last."""
    deadline = time.monotonic() + seconds
    while (seen := reach()) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen


def heard(told: queue.Queue[dict[str, Any]], poke: dict[str, Any], seconds: float = 10) -> bool:
    """Whether a socket is told this before long."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            if told.get(timeout=left) == poke:
                return True
        except queue.Empty:
            return False
    return False


def whatever(told: queue.Queue[dict[str, Any]], seconds: float = 1) -> list[dict[str, Any]]:
    """All that a socket is told until nothing has come for a while."""
    found = []
    while True:
        try:
            found.append(told.get(timeout=seconds))
        except queue.Empty:
            return found


def test_what_goes_in_through_one_comes_out_of_the_other(through) -> None:
    lead, reviewer = through(HE_GUILAN, 1), through(ZENG_KE, 2)
    change = inspection(HE_GUILAN)
    lead.save(QINGYANLI, change)
    assert change["record"] in reviewer.pull(QINGYANLI)
    assert reviewer.pull(QINGYANLI) == reviewer.at(lead.address).pull(QINGYANLI)


def test_a_commit_that_is_sent_again_elsewhere_is_known(through, cluster: Cluster) -> None:
    """Its first answer was lost, and nginx chose the other server for the second try (I2)."""
    lead = through(HE_GUILAN, 1)
    commit = lead.commit(inspection(HE_GUILAN))
    first = lead.push(QINGYANLI, commit)["results"][0]
    again = lead.at(cluster.apps[1].address).push(QINGYANLI, commit)["results"][0]
    assert again == {**first, "replayed": True}


def test_a_poke_reaches_sockets_of_the_other_server_and_only_readers(through) -> None:
    lead, reviewer, stranger = through(HE_GUILAN, 1), through(ZENG_KE, 2), through(LEAD_AT_XIQIAO, 2)
    own, other = reviewer.listen(), stranger.listen()
    answer = lead.push(QINGYANLI, lead.commit(inspection(HE_GUILAN)))
    assert heard(own[1], {"space": QINGYANLI, "head": answer["head"]})
    stranger.save("xqgy", inspection(LEAD_AT_XIQIAO))
    assert {poke["space"] for poke in whatever(other[1])} == {"xqgy"}
    for client, _ in (own, other):
        client.disconnect()


def test_a_poke_comes_through_nginx(through) -> None:
    reviewer = through(ZENG_KE)
    client, told = reviewer.listen()
    lead = through(HE_GUILAN)
    answer = lead.push(QINGYANLI, lead.commit(inspection(HE_GUILAN)))
    assert heard(told, {"space": QINGYANLI, "head": answer["head"]})
    client.disconnect()


def test_a_check_through_one_moves_the_board_of_the_other(through) -> None:
    """The board keeps what it worked out; it must notice that another server wrote."""
    director, lead, reviewer = through(HAN_JINGYI, 1), through(HE_GUILAN, 1), through(ZENG_KE, 2)
    place = post(code=new_id()[-6:])
    director.save(QINGYANLI, place)

    def behind() -> list[str]:
        return [
            one["id"]
            for one in reviewer.get(f"/coverage/{QINGYANLI}/units/{place['record']}").json()["checks"]
        ]

    assert behind() == []
    assert place["record"] in {
        unit["post"] for unit in reviewer.get(f"/coverage/{QINGYANLI}").json()["units"]
    }
    round_of_day = inspection(HE_GUILAN)
    check = area_check(HE_GUILAN, round_of_day["record"], place["record"])
    lead.save(QINGYANLI, round_of_day, check)
    assert behind() == [check["record"]]


def test_rights_that_end_through_one_end_at_the_other_at_once(through) -> None:
    """Each server keeps everybody's rights; none may go by what it knew (I11, I17)."""
    admin, lead = through(ADMIN, 1), through(TANG_ZHIQIANG, 2)
    client, told = lead.listen()
    assert QINGYANLI in {one["space"] for one in lead.get("/sync/scope").json()["spaces"]}
    roles = [row for row in admin.pull(QINGYANLI).values()
             if row["kind"] == "role_assignment" and row["data"]["person"] == TANG_ZHIQIANG.id]  # fmt: skip
    for row in roles:
        base = {"period": row["versions"].get("period", row["created_by_change"])}
        admin.save(QINGYANLI, patch("role_assignment", row["id"], base, {"ends_on": "2020-01-02"}))
    assert QINGYANLI not in {one["space"] for one in lead.get("/sync/scope").json()["spaces"]}
    assert lead.get(f"/sync/{QINGYANLI}/pull").status_code == 404
    # Poked out of the room: his device asks, and learns what it lost.
    assert heard(told, {"space": QINGYANLI, "head": 0})
    through(HE_GUILAN, 1).save(QINGYANLI, inspection(HE_GUILAN))
    assert QINGYANLI not in {poke["space"] for poke in whatever(told)}
    again = {"person": TANG_ZHIQIANG.id, "role": "team_lead", "starts_on": "2020-01-01", "ends_on": None}
    admin.save(QINGYANLI, create("role_assignment", again))
    assert QINGYANLI in {one["space"] for one in lead.get("/sync/scope").json()["spaces"]}
    client.disconnect()


def test_a_device_that_is_revoked_through_one_is_shut_out_of_the_other(through) -> None:
    admin, lead = through(ADMIN, 1), through(YAO_CHUNYAN, 2)
    client, _ = lead.listen()
    answer = admin.post(f"/devices/{lead.device}/state", json={"state": "revoked", "reason": "丢失"})
    assert answer.status_code == 200, answer.text
    assert lead.get(f"/sync/{QINGYANLI}/pull").status_code == 403
    assert eventually(lambda: client.connected, False) is False
    client.disconnect()


def test_guesses_are_counted_together(through, cluster: Cluster) -> None:
    guessers = [Remote(app.address, LEAD_AT_XIQIAO) for app in cluster.apps]
    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(lambda one: one.try_to_sign_in("wrong").status_code, guessers * 5))
    assert told == [401] * 10
    assert [one.try_to_sign_in("wrong").status_code for one in guessers] == [429, 429]
    assert [one.try_to_sign_in("demo").status_code for one in guessers] == [429, 429]


def test_a_client_behind_nginx_is_known_by_its_own_address(cluster: Cluster) -> None:
    """Or one who guesses would shut out everybody: all come from nginx."""
    forged = {"X-Forwarded-For": "203.0.113.7"}
    body = {"username": "t07", "password": "wrong", "device": {"id": new_id(), "name": "x"}}

    def guess(address: str) -> int:
        url = f"{address}/api/v1/session"
        return requests.post(url, json=body, headers=forged, timeout=20).status_code

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(guess, [cluster.apps[0].address] * 10))
    assert guess(cluster.apps[0].address) == 429
    # nginx says itself who asks; what the client claims stands before it and is not believed.
    assert guess(cluster.address) == 401


def test_a_photo_goes_on_at_the_other_server(through, cluster: Cluster) -> None:
    lead, data = through(HE_GUILAN, 1), photo(41, size=(1600, 1200), quality=95)
    name, half = hashlib.sha256(data).hexdigest(), len(data) // 2
    path = lead.begin_upload(data)
    assert lead.send(path, 0, data[:half]).status_code == 204
    lead.at(cluster.apps[1].address)
    assert lead.offset(path) == half
    assert lead.send(path, 0, data[:9]).status_code == 409, "it knows how far the other one is"
    assert lead.send(path, half, data[half:]).status_code == 204
    for app in cluster.apps:
        lead.at(app.address)
        assert lead.post("/blobs/have", json={"sha256": [name]}).json() == {"held": [name]}
        assert lead.get(f"/blobs/{name}").content == data
        assert lead.get(f"/blobs/{name}", size="thumb").headers["Content-Type"] == "image/jpeg"
    assert not (cluster.data / "blobs").exists(), "it lies in the bucket and nowhere else"


def test_what_arrived_of_a_cut_part_is_kept_behind_nginx(through, cluster: Cluster) -> None:
    """nginx hands a body on as it comes; buffered, all of it would be lost with the connection."""
    lead, data = through(HE_GUILAN), photo(42, size=(1600, 1200), quality=95)
    path, port = lead.begin_upload(data), int(cluster.address.rsplit(":", 1)[1])
    sent = data[: len(data) // 3]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        head = [f"PATCH {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(data)}",
                f"Authorization: {lead.http.headers['Authorization']}", "Upload-Offset: 0",
                "Content-Type: application/offset+octet-stream", "Tus-Resumable: 1.0.0"]  # fmt: skip
        connection.sendall("\r\n".join([*head, "", ""]).encode() + sent)
        assert eventually(lambda: lead.offset(path) > 0, True)
    assert eventually(lambda: lead.offset(path), len(sent)) == len(sent)
    assert lead.send(path, len(sent), data[len(sent) :]).status_code == 204


@pytest.mark.parametrize("victim", [0, 1])
def test_nginx_goes_on_with_one_server_and_takes_the_other_back(
    through, cluster: Cluster, victim: int
) -> None:
    lead = through(HE_GUILAN)
    commit = lead.commit(inspection(HE_GUILAN))
    first = lead.push(QINGYANLI, commit)["results"][0]
    cluster.apps[victim].kill()
    for _ in range(4):
        lead.save(QINGYANLI, inspection(HE_GUILAN))
        assert lead.push(QINGYANLI, commit)["results"][0] == {**first, "replayed": True}
    cluster.apps[victim].start()
    cluster.apps[victim].wait()
    assert is_healthy(cluster.apps[victim].address)
    lead.at(cluster.apps[victim].address).save(QINGYANLI, inspection(HE_GUILAN))
    # For two seconds nginx asks nothing of a server that did not answer, even if the other one dies.
    time.sleep(2.2)
