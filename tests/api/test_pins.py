"""Signing PINs: who gets whose verifier, and how a PIN is set (X-07, decision 0013)."""

from __future__ import annotations

import base64
import hashlib
import logging
import threading
from datetime import timedelta
from typing import Any

import pytest

from server.storage.models import MODELS
from tests.api.crew import NEW_PIN, PIN, Crew, codes
from tests.factories import create, new_id, post
from tests.people import (
    ADMIN,
    DESK,
    HAN_JINGYI,
    HE_GUILAN,
    LEAD_AT_XIQIAO,
    QINGYANLI,
    TANG_ZHIQIANG,
    YAO_CHUNYAN,
    ZENG_KE,
    Person,
)

WRONG = "99999999"


def seen(crew: Crew, person: Person) -> set[str]:
    """Whose verifiers somebody gets."""
    answer = crew.by(person).get(f"/pins/{QINGYANLI}")
    assert answer.status_code == 200, answer.text
    return {one["person"] for one in answer.json["people"]}  # type: ignore[index]


def derived(pin: str, row: dict[str, Any]) -> bytes:
    """By nothing but hashlib, as somebody else's tablet would do it."""
    salt = base64.urlsafe_b64decode(row["salt"] + "==")
    return hashlib.pbkdf2_hmac("sha256", pin.encode("utf-8"), salt, row["iterations"], dklen=32)


def test_a_lead_gets_his_team_the_holders_of_its_posts_and_himself(crew: Crew) -> None:
    assert seen(crew, HE_GUILAN) == {HE_GUILAN.id, crew.id["chen"], crew.id["liu"], crew.id["guard"]}
    assert seen(crew, TANG_ZHIQIANG) == {TANG_ZHIQIANG.id, crew.id["guard"], crew.id["other"]}


@pytest.mark.parametrize(
    "person", [DESK, ZENG_KE, HAN_JINGYI, YAO_CHUNYAN, ADMIN], ids=lambda one: one.username
)
def test_whoever_is_in_charge_of_nothing_gets_himself_only(crew: Crew, person: Person) -> None:
    assert seen(crew, person) == {person.id}


def test_other_projects_get_nothing_and_learn_nothing(crew: Crew) -> None:
    lead = crew.by(LEAD_AT_XIQIAO)
    answers = [lead.get(f"/pins/{space}") for space in (QINGYANLI, "nowhere")]
    assert codes(answers) == ["404 not_found"] * 2
    assert answers[0].data == answers[1].data


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "acts"),
    [
        ("2020-01-01", "2099-12-31", True),
        ("2020-01-01", "2020-12-31", False),
        ("2099-01-01", "2099-12-31", False),
    ],
)
def test_a_deputy_gets_them_while_he_acts(crew: Crew, starts_on: str, ends_on: str, acts: bool) -> None:
    fields = {"inspector": HE_GUILAN.id, "deputy": DESK.id, "starts_on": starts_on, "ends_on": ends_on}
    crew.bring(QINGYANLI, create("deputy_appointment", fields))
    assert (crew.id["chen"] in seen(crew, DESK)) is acts
    assert crew.id["other"] not in seen(crew, DESK)


def test_whose_scope_it_is_gets_them_with_the_lead(crew: Crew) -> None:
    scope = {"inspector": YAO_CHUNYAN.id, "team": crew.t09, "starts_on": "2020-01-01"}
    crew.bring(QINGYANLI, create("inspector_scope", scope))
    assert seen(crew, YAO_CHUNYAN) == {
        YAO_CHUNYAN.id, TANG_ZHIQIANG.id, crew.id["guard"], crew.id["other"],
    }  # fmt: skip
    over = create("inspector_scope", {**scope, "team": crew.t07, "ends_on": "2020-12-31"})
    crew.bring(QINGYANLI, over)
    assert crew.id["chen"] not in seen(crew, YAO_CHUNYAN)


def test_of_an_item_the_holders_of_its_check_points_count(crew: Crew) -> None:
    supplier = create("supplier", {"name": "净野", "active": True})
    fields = {"code": "S03", "name": "清运", "supplier": supplier["record"]}
    item = create("subcontract_item", fields)
    held = post("S03-1", item=item["record"], holders=[{"id": new_id(), "value": crew.id["liu"]}])
    scope = {"inspector": YAO_CHUNYAN.id, "item": item["record"], "starts_on": "2020-01-01"}
    crew.bring(QINGYANLI, supplier, item, held, create("inspector_scope", scope))
    assert seen(crew, YAO_CHUNYAN) == {YAO_CHUNYAN.id, crew.id["liu"]}


def test_a_pin_is_set_with_a_code_and_checked_without_the_server(crew: Crew) -> None:
    assert crew.verifier("chen") == {"person": crew.id["chen"], "version": 0}
    code = crew.code("chen")
    assert (len(code), code.isdigit()) == (8, True)
    assert crew.set_pin("chen", code=code).data == b""
    row = crew.verifier("chen")
    assert (row["version"], row["iterations"]) == (1, 600_000)
    assert len(base64.urlsafe_b64decode(row["salt"] + "==")) == 16
    assert base64.urlsafe_b64encode(derived(PIN, row)).decode().rstrip("=") == row["verifier"]
    assert base64.urlsafe_b64encode(derived(NEW_PIN, row)).decode().rstrip("=") != row["verifier"]
    crew.enrolled("liu")
    other = crew.verifier("liu")
    assert other["salt"] != row["salt"], "each PIN has a salt of its own"
    assert other["verifier"] != row["verifier"]


def test_a_code_is_good_once_for_one_person_and_a_day(crew: Crew) -> None:
    first, code = crew.code("chen"), crew.code("chen")
    assert codes([crew.set_pin("chen", code=first)]) == ["403 pin_not_proven"], "earlier codes end"
    assert codes([crew.set_pin("liu", code=code)]) == ["403 pin_not_proven"]
    assert crew.set_pin("chen", code=code).status_code == 204
    assert codes([crew.set_pin("chen", NEW_PIN, code=code)]) == ["403 pin_not_proven"]
    late = crew.code("chen")
    crew.clock.shift = timedelta(hours=24, seconds=1)
    assert "code_expires_at" not in crew.state("chen")
    assert codes([crew.set_pin("chen", NEW_PIN, code=late)]) == ["403 pin_not_proven"]
    assert crew.verifier("chen")["version"] == 1


def test_the_pin_before_proves_too(crew: Crew) -> None:
    crew.enrolled("chen")
    unused = crew.code("chen")
    assert codes([crew.set_pin("chen", NEW_PIN, old_pin="111112")]) == ["403 pin_not_proven"]
    assert crew.set_pin("chen", NEW_PIN, old_pin=PIN).status_code == 204
    row = crew.verifier("chen")
    assert row["version"] == 2
    assert base64.urlsafe_b64encode(derived(NEW_PIN, row)).decode().rstrip("=") == row["verifier"]
    assert codes([crew.set_pin("chen", old_pin=PIN)]) == ["403 pin_not_proven"]
    assert codes([crew.set_pin("chen", code=unused)]) == ["403 pin_not_proven"], "a code left over ends, too"


@pytest.mark.parametrize("pin", ["000000", "777777", "123456", "654321"])
def test_a_pin_that_everybody_tries_first_is_refused_in_words(crew: Crew, pin: str) -> None:
    code = crew.code("chen")
    refused = crew.set_pin("chen", pin, code=code)
    assert codes([refused]) == ["422 pin_trivial"]
    assert "六个相同的数字" in refused.json["message"]  # type: ignore[index]
    assert crew.set_pin("chen", code=code).status_code == 204, "the code was not spent"


@pytest.mark.parametrize(
    "body",
    [{"pin": PIN}, {"pin": PIN, "code": WRONG, "old_pin": PIN}, {"pin": "12345", "code": WRONG},
     {"code": WRONG}, {"pin": "27182８", "code": WRONG}, {"pin": 271828, "code": WRONG},
     {"pin": PIN, "code": "1234567"}],
)  # fmt: skip
def test_a_request_of_another_form_is_refused_without_its_content(crew: Crew, body: dict[str, Any]) -> None:
    answer = crew.by(HE_GUILAN).post(f"/pins/{QINGYANLI}/{crew.id['chen']}", json=body)
    assert codes([answer]) == ["422 invalid"]
    assert not [value for value in body.values() if str(value) in answer.text]
    assert crew.state("chen")["state"] == "none"


def test_five_wrong_codes_lock_until_the_office_helps(crew: Crew) -> None:
    code = crew.code("chen")
    tries = [crew.set_pin("chen", code=WRONG) for _ in range(5)]
    assert codes(tries) == ["403 pin_not_proven"] * 4 + ["423 pin_locked"]
    assert codes([crew.set_pin("chen", code=code)]) == ["423 pin_locked"], "the right one comes too late"
    assert crew.state("chen")["state"] == "locked"
    assert crew.set_pin("chen", code=crew.code("chen")).status_code == 204, "a fresh code has its own tries"
    assert (crew.state("chen")["state"], crew.state("chen")["version"]) == ("set", 1)


def test_five_wrong_old_pins_lock_and_unlocking_reaches_the_tablets(crew: Crew) -> None:
    crew.enrolled("chen")
    tries = [crew.set_pin("chen", NEW_PIN, old_pin="999990") for _ in range(4)]
    assert crew.set_pin("chen", NEW_PIN, old_pin=PIN).status_code == 204, "a right one forgets the wrong ones"
    tries += [crew.set_pin("chen", PIN, old_pin="999990") for _ in range(5)]
    assert codes(tries) == ["403 pin_not_proven"] * 8 + ["423 pin_locked"]
    assert codes([crew.set_pin("chen", PIN, old_pin=NEW_PIN)]) == ["423 pin_locked"]
    before = crew.verifier("chen")
    answer = crew.by(YAO_CHUNYAN).post(f"/pins/{QINGYANLI}/{crew.id['chen']}/unlock")
    assert (answer.status_code, answer.json["state"], answer.json["version"]) == (200, "set", 3)  # type: ignore[index]
    assert crew.verifier("chen") == {**before, "version": 3}
    assert crew.set_pin("chen", PIN, old_pin=NEW_PIN).status_code == 204


def test_unlocking_helps_a_tablet_that_locked_by_itself(crew: Crew) -> None:
    crew.enrolled("chen")
    assert crew.by(HAN_JINGYI).post(f"/pins/{QINGYANLI}/{crew.id['chen']}/unlock").status_code == 200
    assert crew.verifier("chen")["version"] == 2


def test_an_unknown_person_looks_like_a_wrong_code(crew: Crew) -> None:
    answers = [
        crew.set_pin(name, code=WRONG)
        for name in ("chen", "left", new_id(), LEAD_AT_XIQIAO.id, ZENG_KE.id, "x")
    ]
    answers += [crew.set_pin(name, old_pin="271829") for name in ("liu", new_id())]
    assert codes(answers) == ["403 pin_not_proven"] * 8
    assert len({answer.data for answer in answers}) == 1


def test_guessing_is_limited_by_person_and_address(crew: Crew) -> None:
    unknown = new_id()
    answers = [crew.set_pin(unknown, code=WRONG) for _ in range(11)]
    assert codes(answers) == ["403 pin_not_proven"] * 10 + ["429 too_many_requests"]
    assert codes([crew.set_pin("chen", code=WRONG)]) == ["403 pin_not_proven"]


def together(*acts: Any) -> list[Any]:
    """What these come to, done at the same time."""
    gate, found = threading.Barrier(len(acts)), list[Any]()

    def run(act: Any) -> None:
        gate.wait()
        found.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_wrong_tries_at_the_same_time_count_each(crew: Crew) -> None:
    """Were a try counted after it is judged, all of these would be judged."""
    crew.enrolled("chen")
    client, path = crew.by(HE_GUILAN), f"/pins/{QINGYANLI}/{crew.id['chen']}"

    def wrong() -> Any:
        answer = client.post(path, json={"pin": NEW_PIN, "old_pin": "999990"})
        crew.close()
        return answer

    two = together(wrong, wrong)
    assert codes(two) == ["403 pin_not_proven"] * 2
    assert crew.database.row("SELECT failures FROM pins WHERE person = ?", (crew.id["chen"],)) == (2,)
    rest = together(*[wrong] * 5)
    assert sorted(codes(rest)) == ["403 pin_not_proven"] * 2 + ["423 pin_locked"] * 3


def test_a_code_used_twice_at_the_same_time_sets_one_pin(crew: Crew) -> None:
    code, client = crew.code("chen"), crew.by(HE_GUILAN)

    def use(pin: str) -> Any:
        answer = client.post(f"/pins/{QINGYANLI}/{crew.id['chen']}", json={"pin": pin, "code": code})
        crew.close()
        return answer

    answers = together(lambda: use(PIN), lambda: use(NEW_PIN))
    assert sorted(codes(answers)) == ["204", "403 pin_not_proven"]
    assert crew.verifier("chen")["version"] == 1


def test_of_pins_and_codes_nothing_is_left_anywhere(crew: Crew, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    code, pin = crew.code("chen"), "830517"
    answers = [
        crew.set_pin("chen", pin, code=WRONG), crew.set_pin("chen", pin, code=code),
        crew.set_pin("chen", "830518", old_pin=pin), crew.by(HE_GUILAN).get(f"/pins/{QINGYANLI}"),
        crew.by(HAN_JINGYI).get(f"/pins/{QINGYANLI}/people"),
    ]  # fmt: skip
    tables = [model._meta.table_name for model in MODELS]
    kept = repr([crew.database.rows(f'SELECT * FROM "{table}"') for table in tables])
    said = "".join([kept, caplog.text, *(answer.text for answer in answers)])
    assert crew.id["chen"] in kept
    assert [secret for secret in (code, WRONG, pin, "830518") if secret in said] == []


def test_a_device_out_of_use_gets_and_sets_nothing(crew: Crew) -> None:
    lead = crew.by(HE_GUILAN)
    path = f"/devices/{lead.device}/state"
    assert crew.by(ADMIN).post(path, json={"state": "revoked", "reason": "丢失"}).status_code == 200
    wanted = {"pin": PIN, "code": WRONG}
    answers = [
        lead.get(f"/pins/{QINGYANLI}"),
        lead.post(f"/pins/{QINGYANLI}/{crew.id['chen']}", json=wanted),
    ]
    assert codes(answers) == ["403 wipe"] * 2
    assert [answer.json["wipe"] for answer in answers] == [True, True]  # type: ignore[index]
