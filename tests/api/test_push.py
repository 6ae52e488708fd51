"""What becomes of a push (`protocol.md` sections 2 and 3)."""

from __future__ import annotations

import json

import orjson
import pytest

from server.storage.accounts import Accounts
from server.storage.devices import Devices
from tests.factories import area_check, create, finding, inspection, new_id, patch, post, team
from tests.house import House
from tests.people import (
    ADMIN,
    FORMER_LEAD,
    HAN_JINGYI,
    HE_GUILAN,
    LEAD_AT_XIQIAO,
    QINGYANLI,
    TANG_ZHIQIANG,
    XIQIAO,
)


def test_a_commit_is_taken_in_and_comes_down_again(sign_in):
    tablet = sign_in(HE_GUILAN)
    change = inspection(HE_GUILAN)
    result = tablet.save(QINGYANLI, change)
    assert (result["status"], result["replayed"], result["reason"]) == ("applied", False, None)
    record = tablet.pull(QINGYANLI)[change["record"]]
    assert record["seq"] == result["seqs"][change["id"]]
    assert record["data"]["inspector"] == HE_GUILAN.id


def test_a_finished_check_goes_up_as_one_commit(house: House, sign_in):
    place = post()
    house.bring(QINGYANLI, place)
    tablet = sign_in(HE_GUILAN)
    visit = inspection(HE_GUILAN)
    check = area_check(HE_GUILAN, visit["record"], place["record"], result="nonconform")
    found = finding(HE_GUILAN, check["record"], place["record"])
    result = tablet.save(QINGYANLI, visit, check, found)
    assert result["status"] == "applied"
    assert list(result["seqs"]) == [visit["id"], check["id"], found["id"]]
    assert {visit["record"], check["record"], found["record"]} <= tablet.pull(QINGYANLI).keys()


def test_sending_twice_changes_nothing_and_answers_the_same(sign_in):
    tablet = sign_in(HE_GUILAN)
    commits = [tablet.commit(inspection(HE_GUILAN)), tablet.commit(inspection(HE_GUILAN, level="nonsense"))]
    first = tablet.push(QINGYANLI, *commits)
    head = tablet.get("/sync/scope").json["spaces"]
    second = tablet.push(QINGYANLI, *reversed(commits))
    assert [{**result, "replayed": True} for result in first] == list(reversed(second))
    assert tablet.get("/sync/scope").json["spaces"] == head


def test_a_broken_commit_parks_alone_and_says_why(sign_in):
    tablet = sign_in(HE_GUILAN)
    good, other = tablet.commit(inspection(HE_GUILAN)), tablet.commit(inspection(HE_GUILAN))
    change = inspection(HE_GUILAN, business_date="2026-02-30")
    results = tablet.push(QINGYANLI, good, tablet.commit(inspection(HE_GUILAN), change), other)
    assert [result["status"] for result in results] == ["applied", "parked", "applied"]
    assert results[1]["reason"]["code"] == "bad_field"
    assert results[1]["reason"]["change"] == change["id"]
    assert "inspection.set.business_date" in results[1]["reason"]["detail"]


def _of(change: dict, **more: object) -> dict:
    return {**change, **more}


@pytest.mark.parametrize(
    ("code", "broken"),
    [
        ("unknown_kind", lambda: create("spaceship", {"name": "x"})),
        ("unknown_field", lambda: inspection(HE_GUILAN, colour="red")),
        ("field_required", lambda: create("inspection", {"level": "daily"})),
        ("bad_field", lambda: inspection(HE_GUILAN, started_at="2026-11-23T09:12:33")),
        ("bad_field", lambda: inspection(HE_GUILAN, inspector="A" + HE_GUILAN.id[1:])),
        ("bad_field", lambda: inspection(HE_GUILAN, inspector=HE_GUILAN.id + "\n")),
        ("bad_field", lambda: inspection(HE_GUILAN, unplanned="false")),
        ("bad_field", lambda: patch("team", new_id(), {"name": new_id()}, {"name": "a\u0000b"})),
        ("unknown_field", lambda: patch("finding", new_id(), {}, {}, add={"note": []})),
        ("bad_field", lambda: patch("finding", new_id(), {}, {}, add={
            "tags": [{"id": new_id(), "value": 7}]})),
        ("malformed", lambda: _of(inspection(HE_GUILAN), op="invent")),
        ("malformed", lambda: _of(inspection(HE_GUILAN), id="x")),
        ("malformed", lambda: _of(inspection(HE_GUILAN), more=1)),
        ("malformed", lambda: _of(patch("finding", new_id(), {"*": new_id()}, {"note": "x"}), op="delete")),
        ("malformed", lambda: patch("finding", new_id(), {"note": "version 7"}, {"note": "x"})),
        ("too_deep", lambda: inspection(HE_GUILAN, level=json.loads("[" * 20 + "]" * 20))),
        ("server_only", lambda: create("sync_conflict", {
            "record": new_id(), "record_kind": "finding", "unit": "note", "reason": "diverged", "rivals": [],
            "state": "open"})),
        ("create_with_base", lambda: inspection(HE_GUILAN) | {"base": {"state": new_id()}}),
        ("not_found", lambda: patch("finding", new_id(), {"note": new_id()}, {"note": "x"})),
    ],
)  # fmt: skip
@pytest.mark.embedded
def test_every_bad_shape_has_its_reason(sign_in, code, broken):
    result = sign_in(HE_GUILAN).save(QINGYANLI, broken())
    assert (result["status"], result["reason"]["code"]) == ("parked", code)


@pytest.mark.parametrize("junk", [None, 7, "commit", [], {}, {"id": 5}, {"id": "x", "n": -1, "changes": 3}])
@pytest.mark.embedded
def test_a_commit_that_is_none_parks_too(sign_in, junk):
    tablet = sign_in(HE_GUILAN)
    results = tablet.push(QINGYANLI, junk, tablet.commit(inspection(HE_GUILAN)))
    assert [result["status"] for result in results] == ["parked", "applied"]
    assert results[0]["reason"]["code"] == "malformed"
    assert tablet.push(QINGYANLI, junk)[0]["replayed"]


def test_too_many_changes_and_too_large_a_commit_park(sign_in):
    director = sign_in(HAN_JINGYI)
    many = director.save(QINGYANLI, *(team(code=f"X{number}") for number in range(201)))
    assert (many["status"], many["reason"]["code"]) == ("parked", "too_many_changes")
    pause = {"unit": new_id(), "with_areas": False, "cause": "other", "starts_on": "2026-11-23"}
    large = director.save(QINGYANLI, *(create("pause", {**pause, "reason": "长" * 500}) for _ in range(190)))
    assert (large["status"], large["reason"]["code"]) == ("parked", "too_large")


def test_the_last_of_duplicate_keys_counts(sign_in):
    tablet = sign_in(HE_GUILAN)
    change = inspection(HE_GUILAN, level="weekly")
    body = orjson.dumps(tablet.envelope(tablet.commit(change)))
    body = body.replace(b'"level":"weekly"', b'"level":"weekly","level":"daily"')
    assert tablet.post(f"/sync/{QINGYANLI}/push", data=body).json["results"][0]["status"] == "applied"
    assert tablet.pull(QINGYANLI)[change["record"]]["data"]["level"] == "daily"


def test_rights_are_judged(sign_in):
    lead = sign_in(HE_GUILAN)
    foreign = lead.save(QINGYANLI, inspection(TANG_ZHIQIANG))
    weekly = lead.save(QINGYANLI, inspection(HE_GUILAN, level="weekly"))
    master = lead.save(QINGYANLI, team())
    elsewhere = lead.save(QINGYANLI, create("standard", {
        "version": 2, "name": "x", "state": "draft", "effective_on": "2026-01-01"}))  # fmt: skip
    codes = [result["reason"]["code"] for result in (foreign, weekly, master, elsewhere)]
    assert codes == ["forbidden", "forbidden", "forbidden", "wrong_space"]
    assert sign_in(HAN_JINGYI).save(QINGYANLI, team())["status"] == "applied"


def test_the_life_cycle_is_judged(sign_in):
    tablet = sign_in(HE_GUILAN)
    visit = inspection(HE_GUILAN)
    tablet.save(QINGYANLI, visit)
    base = {"state": visit["id"]}
    skipped = tablet.save(QINGYANLI, patch("inspection", visit["record"], base, {"state": "closed"}))
    empty = tablet.save(QINGYANLI, patch("inspection", visit["record"], base, {"state": "completed"}))
    assert skipped["reason"]["code"] == "transition_not_allowed"
    # A later commit of the same device on the same record parks behind the first.
    assert empty["reason"]["code"] == "waiting"


def test_a_push_must_be_of_the_session_that_sends_it(sign_in):
    tablet = sign_in(HE_GUILAN)
    other_user = {**tablet.envelope(), "user": TANG_ZHIQIANG.id}
    other_device = {**tablet.envelope(), "device": new_id()}
    for wrong in (other_user, other_device):
        answer = tablet.post(f"/sync/{QINGYANLI}/push", json=wrong)
        assert (answer.status_code, answer.json["code"]) == (401, "wrong_session")


def test_unknown_and_unreadable_spaces_look_the_same(sign_in):
    tablet = sign_in(HE_GUILAN)
    answers = [tablet.post(f"/sync/{space}/push", json=tablet.envelope()) for space in (XIQIAO, "nowhere")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json == answers[1].json


def test_work_for_a_space_that_was_lost_does_not_vanish(house: House, sign_in):
    tablet = sign_in(FORMER_LEAD)
    assert tablet.get(f"/sync/{QINGYANLI}/pull", since=0).status_code == 404
    result = tablet.save(QINGYANLI, inspection(FORMER_LEAD))
    assert (result["status"], result["reason"]["code"]) == ("parked", "forbidden")
    assert [row["id"] for row in tablet.get("/parked").json["parked"]] == [result["commit"]]


@pytest.mark.parametrize(("case", "shut_out"), [("revoked", "device"), ("disabled", "account")])
def test_the_work_of_a_revoked_device_is_quarantined(house: House, sign_in, case, shut_out):
    tablet = sign_in(HE_GUILAN)
    if case == "revoked":
        Devices(house.database).set_state(tablet.device, "revoked")
    else:
        Accounts(house.database).set_disabled(HE_GUILAN.id, True)
    result = tablet.save(QINGYANLI, inspection(HE_GUILAN))
    assert (result["status"], result["reason"]["code"]) == ("parked", "quarantine")
    for path in (f"/sync/{QINGYANLI}/pull", "/sync/scope", "/parked"):
        answer = tablet.get(path)
        assert (answer.status_code, answer.json["code"]) == (403, "wipe")
        assert answer.json["detail"] == {"wipe": True, "of": shut_out}


def test_a_lost_device_is_told_to_wipe_at_once(house: House, sign_in):
    tablet = sign_in(HE_GUILAN)
    Devices(house.database).set_state(tablet.device, "lost")
    answer = tablet.post(
        f"/sync/{QINGYANLI}/push", json=tablet.envelope(tablet.commit(inspection(HE_GUILAN)))
    )
    assert (answer.status_code, answer.json["code"], answer.json["detail"]) == (
        403,
        "wipe_now",
        {"wipe": "now"},
    )


def test_an_empty_push_is_the_heartbeat(house: House, sign_in):
    tablet = sign_in(HE_GUILAN)
    answer = tablet.post(f"/sync/{QINGYANLI}/push", json=tablet.envelope(unsent=3)).json
    assert answer["results"] == []
    assert answer["backed_up_seq"] is None
    assert answer["head"] == tablet.get("/sync/scope").json["spaces"][1]["head"]
    tablet.push(QINGYANLI, unsent=0)
    tablet.push(QINGYANLI, unsent=2)
    [contact] = Devices(house.database).contacts()
    assert (contact.user, contact.unsent) == (HE_GUILAN.id, 2)
    assert contact.clock_offset is not None
    assert abs(contact.clock_offset) < 5
    assert contact.unsent_zero_at is not None
    assert contact.unsent_zero_at <= contact.last_contact_at


def test_a_reference_across_spaces_says_not_found(house: House, sign_in):
    foreign = post(code="X1")
    house.bring(XIQIAO, foreign)
    visit = inspection(HE_GUILAN)
    check = area_check(HE_GUILAN, visit["record"], foreign["record"])
    unknown = area_check(HE_GUILAN, visit["record"], new_id())
    reasons = [
        sign_in(HE_GUILAN, new_id()).save(QINGYANLI, inspection(HE_GUILAN), change)["reason"]["code"]
        for change in (check, unknown)
    ]
    assert reasons == ["not_found", "not_found"]


def test_two_projects_never_meet(sign_in):
    lead, other = sign_in(HE_GUILAN), sign_in(LEAD_AT_XIQIAO)
    change = inspection(HE_GUILAN)
    lead.save(QINGYANLI, change)
    moved = patch("inspection", change["record"], {"unplanned": change["id"]}, {"unplanned": True})
    result = other.save(XIQIAO, moved)
    assert (result["status"], result["reason"]["code"]) == ("parked", "not_found")


def test_new_rights_hold_at_once(house: House, sign_in):
    lead, admin = sign_in(HE_GUILAN), sign_in(ADMIN)
    assert XIQIAO not in {space["space"] for space in lead.get("/sync/scope").json["spaces"]}
    grant = {"person": HE_GUILAN.id, "role": "team_lead", "starts_on": "2026-01-01"}
    change = create("role_assignment", grant)
    assert admin.save(XIQIAO, change)["status"] == "applied"
    assert XIQIAO in {space["space"] for space in lead.get("/sync/scope").json["spaces"]}
    assert lead.save(XIQIAO, inspection(HE_GUILAN))["status"] == "applied"
    ended = patch("role_assignment", change["record"], {"period": change["id"]}, {"ends_on": "2026-01-02"})
    assert admin.save(XIQIAO, ended)["status"] == "applied"
    assert lead.get(f"/sync/{XIQIAO}/pull").status_code == 404
    assert lead.save(XIQIAO, inspection(HE_GUILAN))["reason"]["code"] == "forbidden"
