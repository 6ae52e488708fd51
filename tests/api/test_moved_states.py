"""Life cycles that meet a moved state, by the real rules over HTTP: conflicts, never parked commits (X-05).

A is 何桂兰's tablet and online; B is 姚春燕's, offline from the same base, and pushes later.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.desk import MOMENT, PRESENT, Finding, correction, verification
from tests.api.estate import P029_A1, Estate, Tablet, photo_of
from tests.factories import new_id
from tests.people import HAN_JINGYI, HE_GUILAN, QINGYANLI, YAO_CHUNYAN
from tests.signing import DeviceKey, sign_in_with, signature


@pytest.fixture
def estate(tmp_path):
    built = Estate(tmp_path / "data", MOMENT)
    yield built
    built.close()


def applied(tablet: Tablet, *changes: dict[str, Any]) -> str:
    """Saves one commit that must apply; the id of its last change."""
    result = tablet.save(QINGYANLI, *changes)
    assert result["status"] == "applied", result
    return str(changes[-1]["id"])


def statuses(tablet: Tablet, *changes: dict[str, Any]) -> list[str]:
    """What becomes of each change, sent as a commit of its own in one push."""
    results = tablet.push(QINGYANLI, *(tablet.commit(change) for change in changes))
    return [result["status"] for result in results]


def test_both_evaluate_and_the_later_one_competes(lead, other, finding, desk):
    applied(lead, finding.evaluate())
    assert statuses(other, finding.evaluate(**{"class": "SER", "present": "excused", "excuse": "夜班"})) == [
        "conflict"
    ]
    assert sorted(row["unit"] for row in desk.conflicts()) == ["evaluation", "state"]
    assert desk.get("/parked").get_json()["parked"] == []


def test_closing_what_was_evaluated_meanwhile_competes(lead, other, finding, desk):
    applied(lead, finding.evaluate(**{"class": "OBS"}))
    assert statuses(other, finding.step("closed", finding.change)) == ["conflict"]
    rival = desk.on("state")["rivals"][0]
    assert rival["value"]["state"] == "closed"
    # Closing an evaluated finding is a step of the life cycle, so this may be decided.
    assert desk.decide(desk.on("state"), {**PRESENT, "state": "closed"}).status_code == 200
    assert lead.pull(QINGYANLI)[finding.id]["data"]["state"] == "closed"


def chain(finding: Finding, by: str) -> list[dict[str, Any]]:
    """A whole life of its own, each change based on the one before."""
    evaluated = finding.evaluate(**{"class": "SER", "present": "excused", "excuse": "夜班"})
    correcting = finding.step("correcting", evaluated["id"])
    corrected_by = correction(by)
    corrected = finding.patch({"state": "corrected"}, {"state": correcting["id"]},
                              add={"corrections": [corrected_by]})  # fmt: skip
    verified = finding.patch(
        {"state": "verified"},
        {"state": corrected["id"], "corrections": corrected["id"]},
        add={"verifications": [verification(corrected_by, by)]},
    )
    closed = finding.patch({"state": "closed"}, {"state": verified["id"], "verifications": verified["id"]})
    return [evaluated, correcting, corrected, verified, closed]


@pytest.mark.parametrize("together", [True, False], ids=["one push", "one by one"])
def test_what_follows_an_own_loser_takes_its_place(lead, other, finding, desk, together):
    """From `evaluated`, where A left it, no step leads to what B did next; B could not see that."""
    applied(lead, finding.evaluate())
    life = chain(finding, YAO_CHUNYAN.id)
    found = (
        statuses(other, *life) if together else [status for one in life for status in statuses(other, one)]
    )
    assert found == ["conflict"] * 5
    on_state = desk.on("state")
    assert [rival["value"]["state"] for rival in on_state["rivals"]] == ["closed"]
    assert on_state["rivals"][0]["change"] == life[-1]["id"]
    data = lead.pull(QINGYANLI)[finding.id]["data"]
    # What only adds is there, whatever became of the state.
    assert (data["state"], len(data["corrections"]), len(data["verifications"])) == ("evaluated", 1, 1)


def test_the_whole_way_of_a_loser_may_be_chosen(lead, other, finding, desk):
    """No single step leads from `evaluated` to `corrected`, but its author took every one of them."""
    applied(lead, finding.evaluate())
    life = chain(finding, YAO_CHUNYAN.id)[:3]
    statuses(other, *life)
    on_state = desk.on("state")
    assert on_state["rivals"][0]["value"]["state"] == "corrected"
    invented = {**on_state["rivals"][0]["value"], "present": "present", "excuse": None}
    refused = desk.decide(on_state, invented)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "transition_not_allowed")
    assert refused.get_json()["detail"] == "finding: evaluated → corrected"
    assert desk.decide(on_state, on_state["rivals"][0]["value"]).status_code == 200
    assert lead.pull(QINGYANLI)[finding.id]["data"]["state"] == "corrected"
    # And B goes on from there without having heard of it.
    kept = other.pull(QINGYANLI)[finding.id]["data"]["corrections"][0]
    verified = finding.patch(
        {"state": "verified"},
        {"state": life[-1]["id"], "corrections": life[-1]["id"]},
        add={"verifications": [verification(kept, YAO_CHUNYAN.id)]},
    )
    assert statuses(other, verified) == ["applied"]


def test_a_way_with_a_forbidden_step_is_not_chosen(lead, other, finding, desk):
    """B jumped from open to corrected: it competes, because the state had moved, but it cannot be decided."""
    applied(lead, finding.evaluate())
    jump = finding.patch({"state": "corrected"}, {"state": finding.change},
                         add={"corrections": [correction(YAO_CHUNYAN.id)]})  # fmt: skip
    assert statuses(other, jump) == ["conflict"]
    on_state = desk.on("state")
    refused = desk.decide(on_state, on_state["rivals"][0]["value"])
    assert (refused.status_code, refused.get_json()["code"]) == (422, "transition_not_allowed")
    assert desk.on("state") == on_state


def test_a_wrong_step_that_its_author_could_see_parks(lead, other, finding, desk):
    evaluated = finding.evaluate()
    applied(lead, evaluated)
    assert statuses(other, finding.step("verified", evaluated["id"])) == ["parked"]
    [parked] = desk.get("/parked").get_json()["parked"]
    assert parked["reason"]["code"] == "transition_not_allowed"


def test_closing_on_the_spot_what_was_verified_meanwhile_names_nothing_and_competes(lead, other, finding):
    """From `verified`, closing judges; from `acknowledged`, where B stood, it does not."""
    evaluated = finding.evaluate()
    first, second = correction(HE_GUILAN.id), correction(YAO_CHUNYAN.id)
    correcting = finding.step("correcting", evaluated["id"])
    applied(lead, evaluated)
    applied(lead, correcting)
    corrected = finding.patch({"state": "corrected"}, {"state": correcting["id"]},
                              add={"corrections": [first]})  # fmt: skip
    applied(lead, corrected)
    verified = finding.patch(
        {"state": "verified"},
        {"state": corrected["id"], "corrections": corrected["id"]},
        add={"verifications": [verification(first, HE_GUILAN.id)]},
    )
    applied(lead, verified)
    # Known to nobody else: B had the finding evaluated, and puts it right on the spot.
    closed = finding.patch(
        {"state": "closed"},
        {"state": evaluated["id"]},
        add={"corrections": [second], "verifications": [verification(second, YAO_CHUNYAN.id)]},
    )
    assert statuses(other, closed) == ["conflict"]
    data = lead.pull(QINGYANLI)[finding.id]["data"]
    assert (data["state"], len(data["corrections"])) == ("verified", 2)


def test_nobody_lets_a_state_compete_that_he_may_not_set(lead, other, estate, finding, desk):
    """Only the director concedes: from a supervisor it parks even where the state has moved."""
    evaluated = finding.evaluate()
    applied(lead, evaluated)
    applied(lead, finding.step("correcting", evaluated["id"]))
    assert statuses(other, finding.step("conceded", evaluated["id"])) == ["parked"]
    [parked] = desk.get("/parked").get_json()["parked"]
    assert parked["reason"]["code"] == "forbidden"
    assert statuses(estate.tablet(HAN_JINGYI), finding.step("conceded", evaluated["id"])) == ["conflict"]


def test_a_step_is_held_back_with_what_it_needs_and_the_rest_of_its_commit_stays(lead, other, finding, desk):
    applied(lead, finding.patch({"class": "GEN"}, {"evaluation": None}))
    change = finding.evaluate(**{"class": "SER"})
    change["set"]["note"], change["base"]["note"] = "裂缝", None
    change["add"] = {"tags": [{"id": new_id(), "value": "急"}]}
    assert statuses(other, change) == ["conflict"]
    data = lead.pull(QINGYANLI)[finding.id]["data"]
    assert (data["state"], data["note"], len(data["tags"])) == ("open", "裂缝", 1)
    assert sorted(row["unit"] for row in desk.conflicts()) == ["evaluation", "state"]
    assert desk.on("state")["row"]["reason"] == "rule"
    # The step cannot be decided before what it needs.
    on_state = desk.on("state")
    assert desk.decide(on_state, on_state["rivals"][0]["value"]).get_json()["code"] == "field_required"
    on_class = desk.on("evaluation")
    assert desk.decide(on_class, on_class["rivals"][0]["value"]).status_code == 200
    assert desk.decide(on_state, on_state["rivals"][0]["value"]).status_code == 200
    assert lead.pull(QINGYANLI)[finding.id]["data"]["state"] == "evaluated"


def test_what_is_set_once_competes_even_if_its_author_saw_it(lead, finding, desk):
    moved = finding.patch({"item": "CL-01"}, {"item": finding.change})
    assert statuses(lead, moved) == ["conflict"]
    on_item = desk.on("item")
    assert [side["value"] for side in (on_item["current"], *on_item["rivals"])] == ["CL-04", "CL-01"]
    assert desk.decide(on_item, "CL-01").status_code == 200
    assert lead.pull(QINGYANLI)[finding.id]["data"]["item"] == "CL-01"


def test_nothing_that_is_recorded_is_deleted(lead, finding):
    delete = {"id": new_id(), "op": "delete", "kind": "finding", "record": finding.id,
              "base": {"*": finding.change}}  # fmt: skip
    result = lead.save(QINGYANLI, delete)
    assert (result["status"], result["reason"]["code"]) == ("parked", "not_deletable")


def test_a_photo_added_after_a_signature_competes(lead, other, finding, desk):
    evaluated = finding.evaluate(responsible_person=YAO_CHUNYAN.id)
    applied(lead, evaluated)
    signed = _signed(lead, finding)
    photo = photo_of(YAO_CHUNYAN, finding.check, P029_A1, "b" * 64)
    applied(other, photo)
    late = finding.patch({}, {}, add={"photos": [{"id": new_id(), "value": photo["record"]}]})
    assert statuses(other, late) == ["conflict"]
    row = desk.on("photos")["row"]
    assert row["reason"] == "changed_after_signature"
    assert desk.get("/conflicts").get_json()["open"]["changed_after_signature"] == 1
    on_photos = desk.on("photos")
    assert on_photos["current"]["signed"] == [signed]
    assert [found["id"] for found in on_photos["photos"]] == [photo["record"]]
    assert desk.decide(on_photos, on_photos["rivals"][0]["value"]).status_code == 200
    [decided] = desk.conflicts(state="resolved")
    assert desk.conflict(decided["id"])["signature_needed"] is True
    # The deadline is not signed: it moves, and the class does not.
    later = finding.patch({"due_at": "2026-11-09T18:00:00+08:00"}, {"evaluation": evaluated["id"]})
    assert statuses(lead, later) == ["applied"]
    assert statuses(lead, finding.patch({"class": "MIN"}, {"evaluation": later["id"]})) == ["conflict"]


def test_a_decision_refers_to_nothing_that_the_reviewer_does_not_read(lead, other, finding, desk, estate):
    photo = photo_of(HE_GUILAN, finding.check, P029_A1, "c" * 64)
    hidden = {**photo_of(HE_GUILAN, finding.check, P029_A1, "d" * 64)}
    estate.bring(QINGYANLI, photo, {**hidden, "audience": [f"person:{HE_GUILAN.id}"]})
    applied(lead, finding.evaluate(responsible_person=YAO_CHUNYAN.id))
    _signed(lead, finding)
    change = finding.patch({}, {}, add={"photos": [{"id": new_id(), "value": photo["record"]}]})
    assert statuses(lead, change) == ["conflict"]
    on_photos = desk.on("photos")
    for strange, code in ((hidden["record"], "not_found"), (new_id(), "not_found"),
                          (finding.id, "wrong_kind")):  # fmt: skip
        answer = desk.decide(on_photos, [{"id": new_id(), "value": strange}])
        assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert desk.decide(on_photos, [{"id": new_id(), "value": photo["record"]}]).status_code == 200


def _signed(lead: Tablet, finding: Finding) -> str:
    """姚春燕 signs on 何桂兰's tablet; the id of the signature."""
    key = DeviceKey()
    sign_in_with(lead, key)
    made = signature(lead, key, [finding.id], YAO_CHUNYAN)
    applied(lead, made)
    return str(made["record"])
