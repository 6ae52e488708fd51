"""Deciding conflicts over HTTP: what the desk is shown, and what becomes of a decision (X-05, X-06)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask_socketio import SocketIOTestClient

from schemas.messages.conflicts import ConflictAnswer, ConflictList
from server.app import REALTIME
from tests.api.desk import EVALUATED, MOMENT, Desk, Finding
from tests.api.estate import P029, P029_A1, Estate, Tablet, photo_of
from tests.factories import commit, new_id, patch
from tests.people import (
    ADMIN,
    EAST_BRANCH,
    HE_GUILAN,
    HR,
    LEAD_AT_XIQIAO,
    QINGYANLI,
    TANG_ZHIQIANG,
    XIQIAO,
    YAO_CHUNYAN,
    ZENG_KE,
)


@pytest.fixture
def estate(tmp_path):
    built = Estate(tmp_path / "data", MOMENT)
    yield built
    built.close()


@pytest.fixture
def conflict(lead: Tablet, other: Tablet, desk: Desk, finding: Finding) -> dict[str, Any]:
    """Both tablets class the same finding, offline: 何桂兰 GEN, 姚春燕 SER half an hour earlier."""
    assert lead.save(QINGYANLI, finding.evaluate())["status"] == "applied"
    late = other.commit(finding.evaluate(**{"class": "SER"}), made_at="2026-11-03T09:30:00+08:00",
                        clock={"offset": 60.0, "jumped": False})  # fmt: skip
    [result] = other.push(QINGYANLI, late)
    assert (result["status"], len(result["conflicts"])) == ("conflict", 1)
    return desk.conflict(result["conflicts"][0])


def value(class_: str) -> dict[str, Any]:
    return {**EVALUATED, "class": class_, "class_table_version": None, "responsible_person": None}


def test_the_list_says_what_it_is_about(conflict, desk, estate):
    estate.still.set("2026-11-03T12:00:00+08:00")
    answer = desk.get("/conflicts").get_json()
    [row] = answer["conflicts"]
    ConflictList().load(answer)
    assert row["post"] == {"id": P029, "code": "P029", "name": "1号楼保洁岗", "name_en": None}
    assert row["area"]["code"] == "P029-A1"
    assert (row["item"], row["item_name"], row["item_name_en"]) == ("CL-04", "项目 CL-04", "item CL-04")
    assert (row["description"], row["unit"], row["reason"]) == ("墙面有污迹", "evaluation", "diverged")
    assert [person["name"] for person in row["people"]] == ["何桂兰", "姚春燕"]
    assert (row["rivals"], row["waiting_seconds"], row["state"]) == (1, 2 * 3600, "open")
    assert answer["open"] == {"conflicts": 1, "changed_after_signature": 0, "parked": 0}


def test_one_conflict_has_everything_that_a_decision_needs(conflict, other):
    ConflictAnswer().load(conflict)
    assert conflict["fields"] == ["class", "class_table_version", "attribution", "responsible_person",
                                  "disposition", "due_at"]  # fmt: skip
    assert conflict["current"]["value"]["class"] == "GEN"
    [rival] = conflict["rivals"]
    assert rival["value"] == value("SER")
    assert (rival["author"]["name"], rival["device"]) == (
        "姚春燕", {"id": other.device, "name": "environment 平板"}
    )  # fmt: skip
    assert (rival["made_at"], rival["offset"]) == ("2026-11-03T09:30:00+08:00", 60.0)
    assert rival["corrected_at"] == "2026-11-03T09:29:00+08:00"
    assert rival["offline_seconds"] == 31 * 60
    assert rival["seq"] > conflict["current"]["seq"]
    assert conflict["seen"] == [conflict["current"]["change"], rival["change"]]
    assert (conflict["may_decide"], conflict["data"]["class"]) == (True, "GEN")
    assert "proposal" not in conflict


def test_the_desk_shows_what_merged_by_itself_and_every_photo(lead, other, desk, estate):
    photo = photo_of(HE_GUILAN, lead.check(P029_A1, MOMENT), P029_A1, "a" * 64)
    assert lead.save(QINGYANLI, photo)["status"] == "applied"
    finding = Finding(lead, photos=(photo["record"],))
    lead.save(QINGYANLI, finding.evaluate())
    also = finding.evaluate(responsible_person=HE_GUILAN.id)
    also["set"]["note"], also["base"]["note"] = "再看一次", None
    also["add"] = {"tags": [{"id": new_id(), "value": "急"}]}
    other.save(QINGYANLI, also)
    conflict = desk.on("evaluation")
    assert conflict["merged"] == ["note", "tags"]
    rows = [(row["id"], row["state"], row["author"]["name"]) for row in conflict["photos"]]
    assert rows == [(photo["record"], "waiting", "何桂兰")]
    assert conflict["names"][HE_GUILAN.id] == "何桂兰"
    ConflictAnswer().load(conflict)


def test_a_decision_reaches_both_tablets_with_who_decided(conflict, desk, lead, other, finding):
    result = desk.decide(conflict, value("SER")).get_json()
    assert (result["status"], result["replayed"]) == ("applied", False)
    for tablet in (lead, other):
        records = tablet.pull(QINGYANLI)
        assert records[finding.id]["data"]["class"] == "SER"
        assert records[finding.id]["contested"] == []
        closed = records[conflict["row"]["id"]]["data"]
        assert (closed["state"], closed["decided_by"]) == ("resolved", ZENG_KE.id)
        assert closed["decision_reason"] == "现场核实"
    assert desk.conflicts() == []
    [row] = desk.conflicts(state="resolved")
    assert (row["decided_by"]["name"], row["state"]) == ("曾可", "resolved")
    whole = desk.conflict(row["id"])
    assert whole["decision_value"] == value("SER")
    assert (whole["decision_reason"], whole["signature_needed"]) == ("现场核实", False)
    ConflictAnswer().load(whole)


def test_a_third_value_and_the_same_commit_again(conflict, desk):
    commit = new_id()
    first = desk.decide(conflict, value("MIN"), commit=commit).get_json()
    again = desk.decide(conflict, value("MIN"), commit=commit).get_json()
    assert again == {**first, "replayed": True}
    other = desk.decide(conflict, value("CRI"), commit=commit)
    assert (other.status_code, other.get_json()["code"]) == (422, "commit_id_reused")


def test_a_field_that_is_left_out_of_a_group_is_emptied(conflict, desk, lead, finding):
    assert desk.decide(conflict, {"class": "MIN", "attribution": "team"}).status_code == 200
    data = lead.pull(QINGYANLI)[finding.id]["data"]
    assert (data["class"], data["attribution"], data["disposition"]) == ("MIN", "team", None)


@pytest.mark.parametrize(
    ("code", "decided"),
    [
        ("bad_field", {"class": "HUGE", "attribution": "team"}),
        ("bad_field", {"class": "MIN", "attribution": "team", "due_at": "soon"}),
        ("unknown_field", {"class": "MIN", "attribution": "team", "colour": "red"}),
        ("unknown_field", {"class": "MIN", "attribution": "team", "state": "closed"}),
        ("wrong_value", "MIN"),
        ("wrong_value", [{"class": "MIN"}]),
        ("wrong_value", None),
        ("field_required", {"class": None, "attribution": "team"}),
    ],
)
def test_a_value_that_cannot_be_writes_nothing(conflict, desk, code, decided):
    before = desk.get("/sync/scope").get_json()["spaces"]
    answer = desk.decide(conflict, decided)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert answer.get_json()["message"] != answer.get_json()["message_en"]
    assert desk.get("/sync/scope").get_json()["spaces"] == before
    assert desk.conflict(conflict["row"]["id"]) == conflict


def test_a_text_that_is_too_long_and_a_reason_that_is_missing(conflict, desk, lead, other, finding):
    lead.save(QINGYANLI, finding.patch({"note": "裂缝"}, {"note": None}))
    other.save(QINGYANLI, finding.patch({"note": "污迹"}, {"note": None}))
    on_note = desk.on("note")
    assert desk.decide(on_note, "长" * 1001).get_json()["code"] == "bad_field"
    for blank in ("", " ", "\u3000\n"):
        assert desk.decide(on_note, "短", reason=blank).status_code == 422
    assert desk.decide(on_note, "短", commit="x").status_code == 422
    assert desk.decide(on_note, "短").status_code == 200


def test_what_came_meanwhile_is_shown(conflict, desk, lead, finding):
    current = conflict["current"]["change"]
    moved = finding.patch({"class": "MIN"}, {"evaluation": current})
    assert lead.save(QINGYANLI, moved)["status"] == "applied"
    answer = desk.decide(conflict, value("SER"))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")
    present = answer.get_json()["detail"]
    assert present["current"]["change"] == moved["id"]
    assert present["seen"] == [moved["id"], conflict["rivals"][0]["change"]]
    assert desk.decide(present, value("SER")).status_code == 200


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_shown_the_new_state(conflict, estate):
    desks = []
    for number in (1, 2):
        one = Desk(estate, ZENG_KE, device=f"01890000-0000-7000-9000-00000000100{number}")
        one.sign_in()
        desks.append(one)
    decided = [value("SER"), value("MIN")]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda desk, wanted: desk.decide(conflict, wanted), desks, decided))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner = next(number for number in (0, 1) if answers[number].status_code == 200)
    present = answers[1 - winner].get_json()["detail"]
    assert present["row"]["state"] == "resolved"
    assert present["decision_value"] == decided[winner]
    assert desks[0].pull(QINGYANLI)[conflict["row"]["record"]]["data"]["class"] == decided[winner]["class"]


def test_whoever_reads_the_space_sees_it_but_only_the_reviewer_decides(conflict, estate):
    for person in (HE_GUILAN, TANG_ZHIQIANG, EAST_BRANCH, HR, ADMIN):
        reader = Desk(estate, person)
        reader.sign_in()
        assert [row["id"] for row in reader.conflicts(space=QINGYANLI)] == [conflict["row"]["id"]]
        assert reader.get("/conflicts").get_json()["open"]["conflicts"] == 0
        shown = reader.conflict(conflict["row"]["id"])
        assert shown == {**conflict, "may_decide": False}
        answer = reader.decide(conflict, value("SER"))
        assert (answer.status_code, answer.get_json()["code"]) == (403, "forbidden")


def test_whoever_does_not_read_it_cannot_tell_it_from_none(conflict, estate):
    stranger = Desk(estate, LEAD_AT_XIQIAO)
    stranger.sign_in()
    assert stranger.conflicts() == []
    assert stranger.get("/conflicts", space=QINGYANLI).status_code == 404
    ident, nobody = conflict["row"]["id"], new_id()
    bodies = [stranger.get(f"/conflicts/{one}") for one in (ident, nobody, conflict["row"]["record"])]
    assert [answer.status_code for answer in bodies] == [404] * 3
    assert bodies[0].data == bodies[1].data == bodies[2].data
    answer = stranger.decide(conflict, value("SER"))
    assert (answer.status_code, answer.data) == (404, bodies[0].data)


def test_the_reviewer_sees_all_spaces_or_one(conflict, desk):
    assert len(desk.conflicts()) == len(desk.conflicts(space=QINGYANLI)) == 1
    assert desk.conflicts(space=XIQIAO) == []
    assert desk.get("/conflicts", state="odd").status_code == 422
    assert desk.get("/conflicts", limit="0").status_code == 422
    assert desk.get("/conflicts", space="nowhere").status_code == 404


def test_the_longest_waiting_comes_first_and_the_newest_decision(lead, other, desk, estate):
    found = []
    for minute in (10, 20, 30):
        estate.still.set(f"2026-11-03T11:{minute}:00+08:00")
        finding = Finding(lead)
        lead.save(QINGYANLI, finding.patch({"note": "一"}, {"note": None}))
        other.save(QINGYANLI, finding.patch({"note": "二"}, {"note": None}))
        found.append(finding.id)
    assert [row["record"] for row in desk.conflicts()] == found
    assert [row["record"] for row in desk.conflicts(limit=2)] == found[:2]
    for place, number in enumerate((1, 0, 2)):
        estate.still.set(f"2026-11-03T12:0{place}:00+08:00")
        row = next(row for row in desk.conflicts() if row["record"] == found[number])
        assert desk.decide(desk.conflict(row["id"]), "三").status_code == 200
    decided = desk.conflicts(state="resolved", limit=2)
    assert [row["record"] for row in decided] == [found[2], found[0]]


def test_a_reviewer_may_decide_what_he_wrote_himself(lead, desk, finding):
    """Allowed: with one reviewer there is nobody else, and the conflict shows who wrote and who decided."""
    lead.save(QINGYANLI, finding.evaluate())
    own = finding.patch({"class": "SER", "attribution": "team"}, {"evaluation": None})
    assert desk.save(QINGYANLI, own)["status"] == "conflict"
    conflict = desk.on("evaluation")
    assert desk.decide(conflict, conflict["rivals"][0]["value"]).status_code == 200
    [row] = desk.conflicts(state="resolved")
    assert row["decided_by"]["id"] in [person["id"] for person in row["people"]]


def test_a_decision_pokes_whoever_has_the_space_open(conflict, desk, lead, estate):
    realtime: Any = estate.app.extensions[REALTIME]
    token = lead.headers["Authorization"].split(" ")[1]
    socket: SocketIOTestClient = realtime.socketio.test_client(estate.app, auth={"token": token})
    [seq] = desk.decide(conflict, value("SER")).get_json()["seqs"].values()
    told = [event["args"][0] for event in socket.get_received() if event["name"] == "poke"]
    # The decision, and after it the row that closes the conflict.
    assert told == [{"space": QINGYANLI, "head": seq + 1}]


def test_of_two_results_the_worse_is_proposed(lead, desk, estate):
    """Nobody patches a result by hand; imports may bring two."""
    check = lead.check(P029_A1, MOMENT)
    made = lead.pull(QINGYANLI)[check]["created_by_change"]
    exchange, now = estate.services.exchange, estate.clock.text()
    for note, user, result in (("a", HE_GUILAN, "conform"), ("b", YAO_CHUNYAN, "nonconform")):
        change = patch(
            "area_check", check, {"result": made, "remark": None}, {"result": result, "remark": note}
        )
        exchange.bring(QINGYANLI, [commit(change)], user=user.id, now=now)
    third = patch("area_check", check, {"result": made}, {"result": "conform"})
    exchange.bring(QINGYANLI, [commit(third)], user=TANG_ZHIQIANG.id, now=now)
    on_result = desk.on("result")
    assert on_result["current"]["value"] == "nonconform"
    assert on_result["proposal"] == on_result["current"]["change"]
