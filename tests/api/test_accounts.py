"""Accounts: who may sign in, and shutting somebody out (X-14, X-15)."""

from __future__ import annotations

from server.storage.acts import Acts
from tests.api.crew import codes
from tests.api.test_realtime import listen
from tests.factories import new_id, patch
from tests.house import Client, House
from tests.people import ADMIN, CAST, HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, ZENG_KE

OFF, ON = {"disabled": True, "reason": "离职调查"}, {"disabled": False, "reason": "查清"}


def test_only_administrators_see_and_act(sign_in) -> None:
    told = {}
    for person in CAST:
        client = sign_in(person)
        answers = [client.get("/accounts"), client.post(f"/accounts/{HE_GUILAN.id}/state", json=ON)]
        told[person.username] = {str(answer.status_code) for answer in answers}
    assert {name: answers for name, answers in told.items() if answers != {"403"}} == {"admin": {"200"}}


def test_they_are_listed_by_user_name(house: House, sign_in) -> None:
    admin = sign_in(ADMIN)
    record = sign_in(ZENG_KE).pull(QINGYANLI)[TANG_ZHIQIANG.id]
    gone = patch("person", TANG_ZHIQIANG.id, {"active": record["created_by_change"]}, {"active": False})
    house.bring(QINGYANLI, gone)
    admin.post(f"/accounts/{HE_GUILAN.id}/state", json=OFF)
    rows = admin.get("/accounts").json["accounts"]
    assert [row["username"] for row in rows] == sorted(person.username for person in CAST)
    assert {row["username"]: row["user"]["name"] for row in rows} == {one.username: one.name for one in CAST}
    assert {row["username"] for row in rows if row["disabled"]} == {"t07"}
    assert {row["username"] for row in rows if row["inactive"]} == {"t09"}


def test_disabling_holds_at_once_on_every_device_and_is_journalled(house: House, sign_in) -> None:
    tablet, second, admin, other = (
        sign_in(HE_GUILAN),
        sign_in(HE_GUILAN, new_id()),
        sign_in(ADMIN),
        sign_in(ZENG_KE),
    )
    socket = listen(house, second)
    answer = admin.post(f"/accounts/{HE_GUILAN.id}/state", json=OFF).json
    assert (answer["user"]["name"], answer["disabled"], answer["inactive"]) == ("何桂兰", True, False)
    assert codes([tablet.get("/sync/scope"), second.get("/parked")]) == ["403 wipe"] * 2
    assert not socket.is_connected()
    assert other.get("/sync/scope").status_code == 200
    assert codes([Client(house, HE_GUILAN).try_to_sign_in()]) == ["401 wrong_credentials"]
    admin.post(f"/accounts/{HE_GUILAN.id}/state", json=OFF)
    admin.post(f"/accounts/{HE_GUILAN.id}/state", json=ON)
    assert tablet.get("/sync/scope").status_code == 200
    assert Client(house, HE_GUILAN).try_to_sign_in().status_code == 200
    acts = Acts(house.database).of(HE_GUILAN.id)
    assert [(act.what, act.before, act.after, act.reason) for act in acts] == [
        ("account_state", {"disabled": False}, {"disabled": True}, "离职调查"),
        ("account_state", {"disabled": True}, {"disabled": False}, "查清"),
    ]


def test_nobody_shuts_out_himself(sign_in) -> None:
    admin = sign_in(ADMIN)
    assert codes([admin.post(f"/accounts/{ADMIN.id}/state", json=OFF)]) == ["409 own_access"]
    assert admin.post(f"/accounts/{ADMIN.id}/state", json=ON).status_code == 200


def test_unknown_users_and_missing_reasons(sign_in) -> None:
    admin = sign_in(ADMIN)
    answers = [
        admin.post(f"/accounts/{new_id()}/state", json=OFF),
        admin.post("/accounts/t07/state", json=OFF),
        admin.post(f"/accounts/{HE_GUILAN.id}/state", json={"disabled": True}),
        admin.post(f"/accounts/{HE_GUILAN.id}/state", json={"disabled": 1, "reason": "x"}),
    ]
    assert codes(answers) == ["404 not_found"] * 2 + ["422 invalid"] * 2
