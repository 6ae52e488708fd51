"""A finding is evaluated and followed up by whoever is in charge, by the rules of its tables (Q1-3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.demo.tables import table
from tests.factories import area_check, create, finding, inspection, new_id, patch, post, team
from tests.house import Client, House
from tests.people import HE_GUILAN, HEADQUARTERS, QINGYANLI, TANG_ZHIQIANG, YAO_CHUNYAN, Person

DUE = "2026-11-24T09:12:33+08:00"
AT = "2026-11-23T10:00:00+08:00"
EVALUATION = {"class": "GEN", "attribution": "facility", "disposition": "correct_by", "due_at": DUE}
TABLES = {"class_table": "classes", "disposition_table": "dispositions", "attribution_table": "attributions"}


class Scene:
    """A house in which 何桂兰 has found something on a post of T07, of which she is in charge."""

    def __init__(self, data: Path) -> None:
        self.house = House(data)
        rows = {kind: {"version": 1, "rows": table("tables")[name]} for kind, name in TABLES.items()}
        rows["class_table"]["effective_on"] = "2026-11-02"
        self.house.bring(HEADQUARTERS, *[create(kind, fields) for kind, fields in rows.items()])
        self.team = team()
        unit, round_ = post(team=self.team["record"]), inspection(HE_GUILAN)
        check = area_check(HE_GUILAN, round_["record"], unit["record"])
        self.found = finding(HE_GUILAN, check["record"], unit["record"])
        self.house.bring(QINGYANLI, self.team, unit)
        self.lead = Client(self.house, HE_GUILAN).sign_in()
        assert self.lead.save(QINGYANLI, round_, check, self.found)["status"] == "applied"

    def by(self, person: Person) -> Client:
        """On a tablet of his own each time: later commits of one device wait behind a parked one."""
        return Client(self.house, person, new_id()).sign_in()

    def change(self, base: dict[str, str], fields: dict[str, Any], **more: Any) -> dict[str, Any]:
        return patch("finding", self.found["record"], base, fields, **more)

    def evaluation(self, **fields: Any) -> dict[str, Any]:
        base = {"evaluation": self.found["id"], "state": self.found["id"]}
        return self.change(base, {**EVALUATION, "present": "present", "state": "evaluated", **fields})


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.house.close()


def reason(result: dict[str, Any]) -> str:
    assert result["status"] == "parked", result
    code: str = result["reason"]["code"]
    return code


def test_the_lead_who_found_it_evaluates_it(scene: Scene) -> None:
    assert scene.lead.save(QINGYANLI, scene.evaluation())["status"] == "applied"
    [record] = [row for row in scene.lead.pull(QINGYANLI).values() if row["kind"] == "finding"]
    assert (record["data"]["class"], record["data"]["state"]) == ("GEN", "evaluated")


def test_another_lead_does_not(scene: Scene) -> None:
    """Q1-3.4.2a: anyone else at daily level is refused."""
    assert reason(scene.by(TANG_ZHIQIANG).save(QINGYANLI, scene.evaluation())) == "forbidden"


def test_his_deputy_does_from_the_day_on_which_he_is_appointed(scene: Scene) -> None:
    """Q1-4.2d; and one whose time is over does not. What was parked until then is taken in by itself."""
    period = {"inspector": HE_GUILAN.id, "deputy": TANG_ZHIQIANG.id, "starts_on": "2020-01-01"}
    over = create("deputy_appointment", {**period, "ends_on": "2020-12-31"})
    scene.house.bring(QINGYANLI, over)
    deputy = scene.by(TANG_ZHIQIANG)
    saved = deputy.commit(scene.evaluation())
    assert reason(deputy.push(QINGYANLI, saved)[0]) == "forbidden"
    scene.house.bring(QINGYANLI, create("deputy_appointment", {**period, "ends_on": "2099-12-31"}))
    [result] = deputy.push(QINGYANLI, saved)
    assert (result["status"], result["replayed"]) == ("applied", True)


def test_whose_scope_the_unit_is_in_now_does_too(scene: Scene) -> None:
    scope = {"inspector": TANG_ZHIQIANG.id, "team": scene.team["record"], "starts_on": "2020-01-01"}
    scene.house.bring(QINGYANLI, create("inspector_scope", scope))
    assert scene.by(TANG_ZHIQIANG).save(QINGYANLI, scene.evaluation())["status"] == "applied"


def test_so_does_a_higher_level(scene: Scene) -> None:
    assert scene.by(YAO_CHUNYAN).save(QINGYANLI, scene.evaluation())["status"] == "applied"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"attribution": "personal"}, "person_missing"),
        ({"class": "SER", "disposition": "concession"}, "disposition_not_for_class"),
        ({"disposition": "return_replace"}, "disposition_not_for_team"),
        ({"due_at": None}, "deadline_missing"),
        ({"present": "excused"}, "excuse_missing"),
        ({"present": None}, "field_required"),
    ],
)
def test_an_evaluation_that_its_tables_do_not_allow_is_parked(
    scene: Scene, fields: dict[str, Any], code: str
) -> None:
    assert reason(scene.lead.save(QINGYANLI, scene.evaluation(**fields))) == code


def test_nobody_passes_a_named_person_without_signature(scene: Scene) -> None:
    """Q1-4.4o."""
    named = scene.evaluation(attribution="personal", responsible_person=TANG_ZHIQIANG.id)
    assert scene.lead.save(QINGYANLI, named)["status"] == "applied"
    onward = scene.change({"state": named["id"]}, {"state": "correcting"})
    assert reason(scene.lead.save(QINGYANLI, onward)) == "signature_needed"


def test_a_correction_is_verified_by_somebody_else(scene: Scene) -> None:
    """Q1-4.6f; the whole way of a finding for which no person is responsible."""
    evaluated = scene.evaluation()
    correction = {"result": "已清洗", "corrected_by": HE_GUILAN.id, "recorded_by": HE_GUILAN.id,
                  "corrected_at": AT}  # fmt: skip
    entry = {"id": new_id(), "value": correction}
    correcting = scene.change({"state": evaluated["id"]}, {"state": "correcting"})
    corrected = scene.change(
        {"state": correcting["id"]}, {"state": "corrected"}, add={"corrections": [entry]}
    )
    assert scene.lead.save(QINGYANLI, evaluated, correcting, corrected)["status"] == "applied"

    def verified(by: Person) -> dict[str, Any]:
        value = {"correction": entry["id"], "passed": True, "verified_by": by.id, "verified_at": AT}
        base = {"state": corrected["id"], "corrections": corrected["id"]}
        return scene.change(
            base, {"state": "verified"}, add={"verifications": [{"id": new_id(), "value": value}]}
        )

    assert reason(scene.lead.save(QINGYANLI, verified(HE_GUILAN))) == "corrector_verifies"
    assert reason(scene.by(YAO_CHUNYAN).save(QINGYANLI, verified(HE_GUILAN))) == "not_own_entry"
    judged, supervisor = verified(YAO_CHUNYAN), scene.by(YAO_CHUNYAN)
    assert supervisor.save(QINGYANLI, judged)["status"] == "applied"
    closed = scene.change({"state": judged["id"], "verifications": judged["id"]}, {"state": "closed"})
    assert supervisor.save(QINGYANLI, closed)["status"] == "applied"
