"""Looking at what was parked, trying it again, giving it up."""

from __future__ import annotations

import pytest

from server.storage.devices import Devices
from tests.api.test_realtime import listen, pokes
from tests.factories import area_check, commit, inspection, new_id, patch, post
from tests.house import House
from tests.people import ADMIN, HAN_JINGYI, HE_GUILAN, LEAD_AT_XIQIAO, QINGYANLI, TANG_ZHIQIANG, ZENG_KE


@pytest.fixture
def parked(sign_in):
    """A check of a post that has not arrived, parked: (tablet, commit, the post's change)."""
    tablet = sign_in(HE_GUILAN)
    place, visit = post(), inspection(HE_GUILAN)
    saved = tablet.commit(visit, area_check(HE_GUILAN, visit["record"], place["record"]))
    [result] = tablet.push(QINGYANLI, saved)
    assert (result["status"], result["reason"]["code"]) == ("parked", "not_found")
    return tablet, saved, place


def test_the_author_sees_it_whole_with_its_reason(parked):
    tablet, saved, place = parked
    [row] = tablet.get("/parked").json["parked"]
    assert (row["id"], row["commit"], row["space"], row["n"]) == (saved["id"], saved, QINGYANLI, 1)
    assert (row["user"], row["device"], row["state"]) == (HE_GUILAN.id, tablet.device, "parked")
    assert row["reason"]["code"] == "not_found"
    assert row["waits_for"] == [place["record"]]


def test_reviewers_see_it_and_nobody_else(parked, sign_in):
    seen = {
        person.name: len(sign_in(person).get("/parked").json["parked"])
        for person in (ZENG_KE, ADMIN, TANG_ZHIQIANG, HAN_JINGYI, LEAD_AT_XIQIAO)
    }
    assert seen == {"曾可": 1, "管理员": 1, "唐志强": 0, "韩静仪": 0, "溪桥班长": 0}


def test_it_replays_by_itself_when_its_cause_is_gone(house: House, parked):
    tablet, saved, place = parked
    house.bring(QINGYANLI, place)
    [result] = tablet.push(QINGYANLI, saved)
    assert (result["status"], result["replayed"]) == ("applied", True)
    assert tablet.get("/parked").json["parked"] == []
    assert saved["changes"][1]["record"] in tablet.pull(QINGYANLI)


def test_work_in_quarantine_is_taken_in_when_a_reviewer_tries_it_again(house: House, sign_in):
    tablet = sign_in(HE_GUILAN)
    Devices(house.database).set_state(tablet.device, "revoked")
    saved = tablet.commit(inspection(HE_GUILAN))
    tablet.push(QINGYANLI, saved)
    reviewer = sign_in(ZENG_KE)
    answer = reviewer.post(f"/parked/{saved['id']}/retry")
    assert (answer.status_code, answer.json["status"]) == (200, "applied")
    record = reviewer.pull(QINGYANLI)[saved["changes"][0]["record"]]
    assert record["data"]["inspector"] == HE_GUILAN.id
    again = reviewer.post(f"/parked/{saved['id']}/retry")
    assert (again.status_code, again.json["code"]) == (409, "conflict")
    assert again.json["detail"] == {"state": "accepted"}


def test_trying_again_too_early_parks_again(parked):
    tablet, saved, _ = parked
    answer = tablet.post(f"/parked/{saved['id']}/retry").json
    assert (answer["status"], answer["reason"]["code"]) == ("parked", "not_found")


def test_what_was_given_up_says_so_when_it_is_sent_again(parked, sign_in):
    tablet, saved, _ = parked
    answer = sign_in(ZENG_KE).post(f"/parked/{saved['id']}/discard", json={"reason": "岗位不存在"})
    assert answer.json["reason"]["code"] == "discarded"
    [result] = tablet.push(QINGYANLI, saved)
    assert (result["status"], result["reason"]["code"]) == ("parked", "discarded")
    assert result["reason"]["detail"]["reason"] == "岗位不存在"
    assert tablet.get("/parked").json["parked"] == []


def test_whoever_listens_hears_that_it_was_given_up(house: House, parked, sign_in):
    """Nothing is written, but the tablet that holds it is to tell its user at once."""
    tablet, saved, _ = parked
    socket = listen(house, tablet)
    pokes(socket)
    sign_in(ZENG_KE).post(f"/parked/{saved['id']}/discard", json={"reason": "岗位不存在"})
    assert QINGYANLI in {poke["space"] for poke in pokes(socket)}


def test_what_waited_behind_is_judged_anew(parked):
    tablet, saved, _ = parked
    visit = saved["changes"][0]
    later = tablet.commit(
        patch("inspection", visit["record"], {"unplanned": visit["id"]}, {"unplanned": True})
    )
    [result] = tablet.push(QINGYANLI, later)
    assert (result["status"], result["reason"]["code"]) == ("parked", "waiting")
    tablet.post(f"/parked/{saved['id']}/discard", json={"reason": "重复"})
    [result] = tablet.push(QINGYANLI, later)
    assert result["reason"]["code"] == "not_found"


def test_others_may_not_decide_and_learn_nothing(parked, sign_in):
    _, saved, _ = parked
    other = sign_in(TANG_ZHIQIANG)
    answers = [
        other.post(f"/parked/{saved['id']}/retry"),
        other.post(f"/parked/{new_id()}/retry"),
        other.post(f"/parked/{saved['id']}/discard", json={"reason": "x"}),
    ]
    assert [(answer.status_code, answer.json) for answer in answers] == [(404, answers[0].json)] * 3


def test_giving_up_needs_a_reason(parked):
    tablet, saved, _ = parked
    assert tablet.post(f"/parked/{saved['id']}/discard", json={}).status_code == 422
    for blank in ("", "  ", "\u3000", "\t\n"):
        assert tablet.post(f"/parked/{saved['id']}/discard", json={"reason": blank}).status_code == 422
    assert tablet.post(f"/parked/{saved['id']}/discard", data=b"x").status_code == 400
    assert len(tablet.get("/parked").json["parked"]) == 1


def test_what_the_server_itself_parked_replays_without_a_number(house: House, sign_in):
    exchange, now = house.services.exchange, house.clock.text()
    place, visit = post(), inspection(HE_GUILAN)
    own = commit(visit, area_check(HE_GUILAN, visit["record"], place["record"]))
    [parked] = exchange.bring(QINGYANLI, [own], user=HE_GUILAN.id, now=now)
    assert parked["status"] == "parked"
    house.bring(QINGYANLI, place)
    [again] = exchange.bring(QINGYANLI, [own], user=HE_GUILAN.id, now=now)
    assert (again["status"], again["replayed"]) == ("applied", True)
    assert visit["record"] in sign_in(HE_GUILAN).pull(QINGYANLI)
