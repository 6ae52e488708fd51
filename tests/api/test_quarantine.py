"""The way of a revoked tablet and a disabled user: what is handed in waits for review (X-15, I10, I11)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.api.crew import codes
from tests.api.estate import photo_of
from tests.api.test_blobs import HASH, PICTURE, has
from tests.api.test_tus import Uploader
from tests.factories import area_check, commit, create, inspection, new_id, patch, post
from tests.house import Client, House
from tests.people import ADMIN, HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, YAO_CHUNYAN, ZENG_KE

MAY_HAND_IN = {
    ("post", "/sync/{space}/push"), ("post", "/blobs/have"), ("delete", "/session"), ("post", "/blobs/tus"),
    ("head", "/blobs/tus/{id}"), ("patch", "/blobs/tus/{id}"), ("delete", "/blobs/tus/{id}"),
    ("post", "/blobs/tus/{id}"),
}  # fmt: skip
WITHOUT_SESSION = {("post", "/session"), ("get", "/health"), ("options", "/blobs/tus")}


def set_device(house: House, device: str, state: str) -> None:
    """What an administrator does."""
    admin = Client(house, ADMIN).sign_in()
    answer = admin.post(f"/devices/{device}/state", json={"state": state, "reason": "x"})
    assert answer.status_code == 200, answer.text


def set_account(house: House, user: str, disabled: bool) -> None:
    """What an administrator does."""
    admin = Client(house, ADMIN).sign_in()
    answer = admin.post(f"/accounts/{user}/state", json={"disabled": disabled, "reason": "x"})
    assert answer.status_code == 200, answer.text


def shut_out(house: House, case: str) -> None:
    """The tablet of 何桂兰, or she herself."""
    if case == "disabled":
        set_account(house, HE_GUILAN.id, True)
    else:
        set_device(house, HE_GUILAN.tablet, case)


def end_role(house: House, person: str) -> None:
    """An administrator ends the roles of somebody here, by commits like any other."""
    admin = Client(house, ADMIN, new_id()).sign_in()
    for row in admin.pull(QINGYANLI).values():
        if row["kind"] == "role_assignment" and row["data"]["person"] == person:
            base = {"period": row["versions"].get("period", row["created_by_change"])}
            ended = patch("role_assignment", row["id"], base, {"ends_on": "2020-01-02"})
            assert admin.save(QINGYANLI, ended)["status"] == "applied"


def every_call(house: House, tablet: Client) -> dict[tuple[str, str], Any]:
    """The answer to each operation of the API."""
    document = house.app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    found = {}
    for path, operations in document["paths"].items():
        for method in operations.keys() & {"get", "post", "patch", "put", "delete", "head", "options"}:
            name = path.removeprefix("/api/v1")
            if (method, name) in {*MAY_HAND_IN, *WITHOUT_SESSION} and method != "head":
                continue
            url = re.sub("{[^}]+}", lambda part: QINGYANLI if part[0] == "{space}" else new_id(), path)
            headers = {**tablet.headers, "Tus-Resumable": "1.0.0"}
            found[method, name] = tablet.http.open(url, method=method.upper(), headers=headers, json={})
    return found


@pytest.mark.parametrize("case", ["revoked", "disabled"])
def test_everything_but_handing_in_answers_wipe(house: House, sign_in, case: str) -> None:
    tablet = sign_in(HE_GUILAN)
    shut_out(house, case)
    answers = every_call(house, tablet)
    closed = {call: answer for call, answer in answers.items() if call not in MAY_HAND_IN}
    assert len(closed) >= 20
    told = {call: (answer.status_code, (answer.json or {}).get("wipe")) for call, answer in closed.items()}
    assert told == dict.fromkeys(closed, (403, True))
    assert answers["head", "/blobs/tus/{id}"].status_code == 404, "its own uploads, as ever"
    assert tablet.http.delete("/api/v1/session", headers=tablet.headers).status_code == 204


def test_a_lost_device_is_told_to_wipe_at_once_whatever_it_asks(house: House, sign_in) -> None:
    tablet = sign_in(HE_GUILAN)
    shut_out(house, "lost")
    told = {call: answer for call, answer in every_call(house, tablet).items() if call[0] != "head"}
    saved = tablet.commit(inspection(HE_GUILAN))
    told["post", "push"] = tablet.post(f"/sync/{QINGYANLI}/push", json=tablet.envelope(saved))
    told["post", "have"] = tablet.post("/blobs/have", json={"sha256": [HASH]})
    told["post", "tus"] = Uploader(tablet).create(PICTURE)
    wrong = {
        call for call, answer in told.items() if (answer.status_code, answer.json["wipe"]) != (403, "now")
    }
    assert wrong == set()
    assert sign_in(ZENG_KE).get("/parked").json["parked"] == [], "it forfeits what it held"


class Handed:
    """What the shut out tablet of 何桂兰 handed in: a round, and a check of it with a photo."""

    def __init__(self, house: House, case: str) -> None:
        self.house, place = house, post()
        house.bring(QINGYANLI, place)
        self.tablet = Client(house, HE_GUILAN).sign_in()
        shut_out(house, case)
        self.round = inspection(HE_GUILAN)
        self.check = area_check(HE_GUILAN, self.round["record"], place["record"])
        self.photo = photo_of(HE_GUILAN, self.check["record"], place["record"], HASH)
        self.commits = [self.tablet.commit(self.round), self.tablet.commit(self.check, self.photo)]
        assert Uploader(self.tablet).send(PICTURE).status_code == 204
        self.results = self.tablet.push(QINGYANLI, *self.commits, unsent=2)
        self.reviewer = Client(house, ZENG_KE).sign_in()

    def again(self) -> list[tuple[str, str | None]]:
        """Status and reason when the tablet asks what became of it."""
        results = self.tablet.push(QINGYANLI, *self.commits)
        assert all(result["replayed"] for result in results)
        return [(result["status"], (result["reason"] or {}).get("code")) for result in results]

    def retry(self, number: int) -> dict[str, Any]:
        answer = self.reviewer.post(f"/parked/{self.commits[number]['id']}/retry")
        assert answer.status_code == 200, answer.text
        return dict(answer.json)  # type: ignore[arg-type]


@pytest.fixture(params=["revoked", "disabled"])
def handed(request: pytest.FixtureRequest, house: House) -> Handed:
    """By a revoked tablet, and by a disabled user."""
    return Handed(house, request.param)


def test_it_is_parked_whole_and_the_tablet_may_wipe_itself(handed: Handed) -> None:
    assert [(one["status"], one["reason"]["code"]) for one in handed.results] == [
        ("parked", "quarantine")
    ] * 2
    assert handed.again() == [("parked", "quarantine")] * 2
    told = handed.tablet.post("/blobs/have", json={"sha256": [HASH]})
    assert told.json == {"held": [HASH]}
    assert handed.round["record"] not in handed.reviewer.pull(QINGYANLI)


def test_the_reviewer_sees_it_with_its_content_its_reason_and_its_photo(handed: Handed, sign_in) -> None:
    rows = handed.reviewer.get("/parked").json["parked"]  # type: ignore[index]
    assert [row["commit"] for row in rows] == handed.commits
    assert {(row["user"], row["device"], row["reason"]["code"]) for row in rows} == {
        (HE_GUILAN.id, handed.tablet.device, "quarantine")
    }
    assert has(handed.reviewer)
    assert not any(has(sign_in(person)) for person in (TANG_ZHIQIANG, YAO_CHUNYAN)), "whoever reviews nothing"


def test_taken_in_it_is_the_work_of_its_author(handed: Handed, sign_in) -> None:
    assert handed.retry(0)["status"] == "applied"
    assert handed.retry(1)["status"] == "applied"
    assert handed.again() == [("applied", None)] * 2
    records = handed.reviewer.pull(QINGYANLI)
    assert records[handed.check["record"]]["data"]["inspector"] == HE_GUILAN.id
    row = handed.house.database.row('SELECT "user", device FROM log WHERE change = ?', (handed.check["id"],))
    assert row == (HE_GUILAN.id, handed.tablet.device)
    assert has(sign_in(TANG_ZHIQIANG)), "the photo is everybody's now"
    assert handed.reviewer.get("/parked").json["parked"] == []  # type: ignore[index]


def test_the_later_one_waits_for_the_earlier_one(handed: Handed) -> None:
    early = handed.retry(1)
    assert (early["status"], early["reason"]["code"]) == ("parked", "waiting")
    assert handed.retry(0)["status"] == "applied"
    assert handed.again() == [("applied", None)] * 2


def test_discarding_ends_it(handed: Handed) -> None:
    for saved in handed.commits:
        answer = handed.reviewer.post(f"/parked/{saved['id']}/discard", json={"reason": "冒用"})
        assert (answer.status_code, answer.json["reason"]["code"]) == (200, "discarded")  # type: ignore[index]
    assert handed.again() == [("parked", "discarded")] * 2
    assert handed.reviewer.get("/parked").json["parked"] == []  # type: ignore[index]
    assert codes([handed.reviewer.post(f"/parked/{handed.commits[0]['id']}/retry")]) == ["409 conflict"]
    assert not has(handed.reviewer), "it no longer refers to its photo"


def test_without_any_role_left_it_stays_parked(handed: Handed) -> None:
    """His rights of today count, and being disabled is none of them: only roles are."""
    end_role(handed.house, HE_GUILAN.id)
    for number in (0, 1):
        result = handed.retry(number)
        assert (result["status"], result["reason"]["code"]) == ("parked", ["forbidden", "waiting"][number])
    assert [status for status, _ in handed.again()] == ["parked"] * 2


def test_it_does_not_come_out_of_quarantine_by_itself(handed: Handed) -> None:
    """Neither when tablet and user are taken back, nor when rights change: a person looks first."""
    set_device(handed.house, handed.tablet.device, "active")
    set_account(handed.house, HE_GUILAN.id, False)
    house = handed.house
    role = {"person": HE_GUILAN.id, "role": "appointed_inspector", "starts_on": "2020-01-01"}
    house.bring(QINGYANLI, create("role_assignment", role))
    assert handed.again() == [("parked", "quarantine")] * 2
    later = handed.tablet.push(QINGYANLI, handed.tablet.commit(inspection(HE_GUILAN)))
    assert later[0]["status"] == "applied", "what is made from now on goes in as ever"
    assert handed.tablet.get("/sync/scope").status_code == 200
    assert handed.tablet.get("/parked").json["parked"] != []  # type: ignore[index]
    assert handed.retry(0)["status"] == "applied"


def test_a_lost_device_that_is_found_works_again(house: House, sign_in) -> None:
    tablet = sign_in(HE_GUILAN)
    shut_out(house, "lost")
    assert codes([tablet.get("/sync/scope")]) == ["403 wipe_now"]
    shut_out(house, "active")
    assert tablet.save(QINGYANLI, inspection(HE_GUILAN))["status"] == "applied"
    assert Client(house, HE_GUILAN).try_to_sign_in().status_code == 200


def test_in_quarantine_even_what_is_broken_or_of_a_taken_id_waits(house: House, sign_in) -> None:
    tablet = sign_in(HE_GUILAN)
    known = tablet.commit(inspection(HE_GUILAN))
    tablet.push(QINGYANLI, known)
    shut_out(house, "revoked")
    other = {**commit(inspection(HE_GUILAN), n=9), "id": known["id"]}
    results = tablet.push(QINGYANLI, known, other, {"id": new_id(), "n": 10, "changes": 3})
    assert [(one["status"], one["replayed"]) for one in results] == [
        ("applied", True), ("parked", False), ("parked", False),
    ]  # fmt: skip
    assert {one["reason"]["code"] for one in results[1:]} == {"quarantine"}
    reviewer = sign_in(ZENG_KE)
    rows = reviewer.get("/parked").json["parked"]
    retried = {reviewer.post(f"/parked/{row['id']}/retry").json["reason"]["code"] for row in rows}
    assert retried == {"commit_id_reused", "malformed"}
