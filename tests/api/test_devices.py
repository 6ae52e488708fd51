"""Devices as administrators see them, and taking one out of use (X-15)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from server.app import REALTIME
from server.realtime import Realtime
from server.storage.acts import Acts
from tests.api.crew import codes
from tests.api.test_realtime import listen, pokes
from tests.factories import inspection, new_id
from tests.house import Client, House
from tests.people import ADMIN, CAST, HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, ZENG_KE

KEY = {"kty": "EC", "crv": "P-256", "x": "1", "y": "2"}
WHY = {"reason": "平板丢失"}


def listed(client: Client) -> list[dict[str, Any]]:
    """The devices that somebody sees."""
    answer = client.get("/devices")
    assert answer.status_code == 200, answer.text
    devices: list[dict[str, Any]] = answer.json["devices"]  # type: ignore[index]
    return devices


def test_they_are_listed_with_their_users_the_latest_contact_first(house: House, sign_in) -> None:
    Client(house, HE_GUILAN).try_to_sign_in(public_key=KEY)
    lead, other, admin = sign_in(HE_GUILAN), sign_in(TANG_ZHIQIANG), sign_in(ADMIN)
    shared = sign_in(TANG_ZHIQIANG, HE_GUILAN.tablet)
    other.push(QINGYANLI, unsent=2)
    lead.push(QINGYANLI)
    # Two contacts of one millisecond have no order.
    time.sleep(0.005)
    shared.push(QINGYANLI, unsent=1)
    first, second, third = listed(admin)
    assert (first["id"], second["id"], third["id"]) == (HE_GUILAN.tablet, TANG_ZHIQIANG.tablet, ADMIN.tablet)
    assert [(use["user"]["name"], use["unsent"]) for use in first["users"]] == [("唐志强", 1), ("何桂兰", 0)]
    assert abs(first["users"][0]["clock_offset"]) < 5
    assert (first["can_sign"], second["can_sign"], third["users"]) == (True, False, [])
    assert {one["state"] for one in (first, second, third)} == {"active"}


def test_administrators_and_reviewers_look_and_only_administrators_act(sign_in) -> None:
    sign_in(HE_GUILAN)
    told = {}
    for person in CAST:
        client = sign_in(person, new_id())
        looked = client.get("/devices")
        acted = client.post(f"/devices/{HE_GUILAN.tablet}/state", json={"state": "active", **WHY})
        told[person.username] = codes([looked, acted])
    allowed = {name: answers for name, answers in told.items() if answers != ["403 forbidden"] * 2}
    assert allowed == {"admin": ["200", "200"], "reviewer": ["200", "403 forbidden"]}


def test_taking_one_out_of_use_holds_at_once_and_is_journalled(house: House, sign_in) -> None:
    lead, admin = sign_in(HE_GUILAN), sign_in(ADMIN)
    path = f"/devices/{lead.device}/state"
    answer = admin.post(path, json={"state": "revoked", **WHY}).json
    assert (answer["id"], answer["state"]) == (lead.device, "revoked")
    assert codes([lead.get("/sync/scope")]) == ["403 wipe"]
    admin.post(path, json={"state": "revoked", "reason": "又一次"})
    admin.post(path, json={"state": "lost", "reason": "确认遗失"})
    assert codes([lead.get("/sync/scope")]) == ["403 wipe_now"]
    admin.post(path, json={"state": "active", "reason": "找到了"})
    assert lead.get("/sync/scope").status_code == 200
    acts = Acts(house.database).of(lead.device)
    assert [(act.before["state"], act.after["state"], act.reason) for act in acts] == [
        ("active", "revoked", "平板丢失"), ("revoked", "lost", "确认遗失"), ("lost", "active", "找到了"),
    ]  # fmt: skip
    assert {(act.what, act.actor.user, act.actor.device) for act in acts} == {
        ("device_state", ADMIN.id, ADMIN.tablet)
    }
    assert Acts(house.database).broken_at() is None


def test_its_socket_is_poked_once_more_and_then_hears_nothing(house: House, sign_in) -> None:
    lead, admin, other = sign_in(HE_GUILAN), sign_in(ADMIN), sign_in(TANG_ZHIQIANG)
    told: list[tuple[str, str, str | None]] = []
    realtime: Realtime = house.app.extensions[REALTIME]
    socket, stays = listen(house, lead), listen(house, other)
    emit = realtime.socketio.server.emit

    def watch(event: str, data: dict[str, Any], to: str | None = None, **more: Any) -> Any:
        told.append((event, data["space"], to))
        return emit(event, data, to=to, **more)

    realtime.socketio.server.emit = watch
    admin.post(f"/devices/{lead.device}/state", json={"state": "revoked", **WHY})
    assert {(event, space) for event, space, _ in told} == {("poke", "hq"), ("poke", QINGYANLI)}
    assert not socket.is_connected()
    assert stays.is_connected()
    assert pokes(stays) == []
    assert not realtime.socketio.test_client(
        house.app, auth={"token": lead.headers["Authorization"].split(" ")[1]}
    ).is_connected()


def test_nobody_shuts_out_himself(sign_in) -> None:
    admin = sign_in(ADMIN)
    path = f"/devices/{admin.device}/state"
    answers = [admin.post(path, json={"state": state, **WHY}) for state in ("revoked", "lost")]
    assert codes(answers) == ["409 own_access"] * 2
    assert admin.post(path, json={"state": "active", **WHY}).status_code == 200
    assert sign_in(ADMIN, new_id()).post(path, json={"state": "revoked", **WHY}).status_code == 200


def test_unknown_devices_bad_states_and_missing_reasons(sign_in) -> None:
    admin = sign_in(ADMIN)
    path = f"/devices/{admin.device}/state"
    answers = [
        admin.post(f"/devices/{new_id()}/state", json={"state": "revoked", **WHY}),
        admin.post("/devices/x/state", json={"state": "revoked", **WHY}),
        admin.post(path, json={"state": "stolen", **WHY}),
        admin.post(path, json={"state": "active"}),
        admin.post(path, json={"state": "active", "reason": ""}),
    ]
    assert codes(answers) == ["404 not_found"] * 2 + ["422 invalid"] * 3
    assert answers[0].data == answers[1].data


@pytest.mark.parametrize(("state", "code"), [("revoked", "403 wipe"), ("lost", "403 wipe_now")])
def test_signing_in_on_it_is_refused(house: House, sign_in, state: str, code: str) -> None:
    sign_in(HE_GUILAN)
    sign_in(ADMIN).post(f"/devices/{HE_GUILAN.tablet}/state", json={"state": state, **WHY})
    other = Client(house, TANG_ZHIQIANG, HE_GUILAN.tablet)
    assert codes([Client(house, HE_GUILAN).try_to_sign_in(), other.try_to_sign_in()]) == [code] * 2
    assert codes([other.try_to_sign_in("wrong")]) == ["401 wrong_credentials"]
    assert Client(house, HE_GUILAN, new_id()).try_to_sign_in().status_code == 200


def test_reviewers_see_how_much_waits_in_quarantine(sign_in) -> None:
    lead, admin, reviewer = sign_in(HE_GUILAN), sign_in(ADMIN), sign_in(ZENG_KE)
    lead.save(QINGYANLI, inspection(HE_GUILAN, level="weekly"))  # parked, but not in quarantine
    admin.post(f"/devices/{lead.device}/state", json={"state": "revoked", **WHY})
    saved = [lead.commit(inspection(HE_GUILAN)) for _ in range(2)]
    lead.push(QINGYANLI, *saved)
    [row] = [row for row in listed(reviewer) if row["id"] == lead.device]
    assert (row["state"], row["quarantined"]) == ("revoked", 2)
    reviewer.post(f"/parked/{saved[0]['id']}/retry")
    [row] = [row for row in listed(reviewer) if row["id"] == lead.device]
    assert row["quarantined"] == 1
