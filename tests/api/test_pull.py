"""What a pull gives, and what it refuses (`protocol.md` section 2)."""

from __future__ import annotations

import threading

import pytest

from server.storage.spaces import Spaces
from sync.chain import GENESIS, checksum
from tests.factories import create, inspection, new_id, patch, team
from tests.house import House
from tests.people import (
    ADMIN,
    DESK,
    EAST_BRANCH,
    FORMER_LEAD,
    HAN_JINGYI,
    HE_GUILAN,
    HEADQUARTERS,
    HR,
    LEAD_AT_XIQIAO,
    QINGYANLI,
    XIQIAO,
    ZENG_KE,
)


def test_everything_comes_in_pages_in_seq_order(house: House, sign_in):
    house.bring(QINGYANLI, *(team(code=f"X{number}") for number in range(25)))
    tablet = sign_in(HE_GUILAN)
    whole = tablet.get(f"/sync/{QINGYANLI}/pull", since=0, epoch="", at="").json
    assert whole["more"] is False
    assert [row["seq"] for row in whole["records"]] == sorted(row["seq"] for row in whole["records"])
    assert tablet.pull(QINGYANLI, limit=7) == {row["id"]: row for row in whole["records"]}
    assert (whole["since"], whole["to"], whole["head"]) == (0, whole["head"], len(whole["records"]))


def test_only_the_newest_state_comes_after_the_cursor(sign_in):
    tablet = sign_in(HE_GUILAN)
    first, second = inspection(HE_GUILAN), inspection(HE_GUILAN)
    tablet.save(QINGYANLI, first, second)
    page = tablet.get(f"/sync/{QINGYANLI}/pull").json
    change = patch("inspection", first["record"], {"unplanned": first["id"]}, {"unplanned": True})
    tablet.save(QINGYANLI, change)
    cursor = {"since": page["to"], "epoch": page["epoch"], "at": page["at"]}
    [row] = tablet.get(f"/sync/{QINGYANLI}/pull", **cursor).json["records"]
    assert (row["id"], row["seq"], row["data"]["unplanned"]) == (first["record"], page["head"] + 1, True)
    assert row["versions"] == {"unplanned": change["id"]}
    assert (row["created_by_change"], row["last_change"]) == (first["id"], change["id"])


@pytest.mark.embedded
def test_a_pull_with_nothing_new_is_empty_and_writes_nothing(house: House, sign_in):
    tablet = sign_in(HE_GUILAN)
    page = tablet.get(f"/sync/{QINGYANLI}/pull").json
    before = house.database.row("PRAGMA data_version"), (house.data / "rounds.sqlite3-wal").stat().st_size
    cursor = {"since": page["to"], "epoch": page["epoch"], "at": page["at"]}
    again = tablet.get(f"/sync/{QINGYANLI}/pull", **cursor).json
    assert again["records"] == []
    assert {**again, "since": 0, "records": page["records"]} == page
    after = house.database.row("PRAGMA data_version"), (house.data / "rounds.sqlite3-wal").stat().st_size
    assert before == after


def test_a_space_with_nothing_in_it_can_be_pulled(house: House, sign_in):
    Spaces(house.database).create("new", "project", "新项目", "g1")
    page = sign_in(ZENG_KE).get("/sync/new/pull", since=0, epoch="", at="", checksum=1).json
    assert (page["to"], page["at"], page["more"], page["records"]) == (0, GENESIS, False, [])
    assert page["checksum"] == "0" * 16


def test_the_checksum_comes_on_the_last_page_if_asked_for(sign_in):
    tablet = sign_in(HE_GUILAN)
    page = tablet.get(f"/sync/{QINGYANLI}/pull", limit=3, checksum=1).json
    assert page["more"] is True
    assert "checksum" not in page
    page = tablet.get(f"/sync/{QINGYANLI}/pull", checksum=1).json
    assert page["checksum"] == checksum((row["id"], row["last_change"]) for row in page["records"])
    assert "checksum" not in tablet.get(f"/sync/{QINGYANLI}/pull").json


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"epoch": "e-other"}, "epoch"),
        ({"epoch": ""}, "epoch"),
        ({"at": "0" * 64}, "at"),
        ({"at": ""}, "at"),
        ({"since": 9999}, "beyond_head"),
    ],
)
def test_a_cursor_that_means_nothing_here_asks_to_start_anew(sign_in, wrong, reason):
    tablet = sign_in(HE_GUILAN)
    page = tablet.get(f"/sync/{QINGYANLI}/pull").json
    cursor = {"since": page["to"], "epoch": page["epoch"], "at": page["at"], **wrong}
    answer = tablet.get(f"/sync/{QINGYANLI}/pull", **cursor)
    assert (answer.status_code, answer.json["code"]) == (410, "rebuild")
    assert answer.json["detail"] == {"reason": reason}


def test_the_epoch_changes_with_what_may_be_read_and_with_a_restore(house: House, sign_in):
    lead, admin = sign_in(HE_GUILAN), sign_in(ADMIN)
    epochs = [lead.get(f"/sync/{QINGYANLI}/pull").json["epoch"]]
    role = {"person": HE_GUILAN.id, "role": "supervisor", "starts_on": "2026-01-01"}
    assert admin.save(QINGYANLI, create("role_assignment", role))["status"] == "applied"
    epochs.append(lead.get(f"/sync/{QINGYANLI}/pull").json["epoch"])
    with house.database.write() as tx:
        tx.run("UPDATE spaces SET generation = 'g2' WHERE id = ?", (QINGYANLI,))
    epochs.append(lead.get(f"/sync/{QINGYANLI}/pull").json["epoch"])
    assert len(set(epochs)) == 3
    pushed = lead.post(f"/sync/{QINGYANLI}/push", json=lead.envelope()).json
    [scoped] = [one for one in lead.get("/sync/scope").json["spaces"] if one["space"] == QINGYANLI]
    assert pushed["epoch"] == scoped["epoch"] == epochs[-1]


def test_a_role_that_reads_nothing_more_leaves_the_epoch_alone(sign_in):
    lead, admin = sign_in(HE_GUILAN), sign_in(ADMIN)
    before = lead.get(f"/sync/{QINGYANLI}/pull").json["epoch"]
    role = {"person": HE_GUILAN.id, "role": "subcontract_owner", "starts_on": "2026-01-01"}
    assert admin.save(QINGYANLI, create("role_assignment", role))["status"] == "applied"
    assert lead.get(f"/sync/{QINGYANLI}/pull").json["epoch"] == before


def test_nobody_sees_what_is_not_for_him(house: House, sign_in):
    secrets = {
        "hr": team(code="H") | {"audience": ["hr"]},
        "management": team(code="M") | {"audience": ["management"]},
        "desk": team(code="D") | {"audience": ["desk"]},
        "mine": team(code="P") | {"audience": [f"person:{HE_GUILAN.id}"]},
    }
    house.bring(QINGYANLI, *secrets.values())
    seen = {}
    for person in (HE_GUILAN, HAN_JINGYI, DESK, HR, ZENG_KE, ADMIN):
        client = sign_in(person)
        pulled = client.pull(QINGYANLI)
        seen[person.name] = {name for name, change in secrets.items() if change["record"] in pulled}
        last = client.get(f"/sync/{QINGYANLI}/pull", checksum=1).json["checksum"]
        assert last == checksum((row["id"], row["last_change"]) for row in pulled.values())
    assert seen == {
        "何桂兰": {"mine"},
        "韩静仪": {"management", "desk"},
        "叶小舟": {"desk"},
        "人力资源": {"hr"},
        "曾可": {"management"},
        "管理员": set(),
    }


def test_what_cannot_be_read_cannot_be_changed_by_guessing_its_id(house: House, sign_in):
    secret = team() | {"audience": ["hr"]}
    house.bring(QINGYANLI, secret)
    director = sign_in(HAN_JINGYI)
    guess = patch("team", secret["record"], {"name": secret["id"]}, {"name": "x"})
    unknown = patch("team", new_id(), {"name": secret["id"]}, {"name": "x"})
    reasons = [director.save(QINGYANLI, change)["reason"] for change in (guess, unknown)]
    assert [reason["code"] for reason in reasons] == ["not_found", "not_found"]


@pytest.mark.parametrize(
    ("person", "spaces"),
    [
        (HE_GUILAN, {HEADQUARTERS, QINGYANLI}),
        (LEAD_AT_XIQIAO, {HEADQUARTERS, XIQIAO}),
        (ZENG_KE, {HEADQUARTERS, QINGYANLI, XIQIAO}),
        (ADMIN, {HEADQUARTERS, QINGYANLI, XIQIAO}),
        (HR, {HEADQUARTERS, QINGYANLI, XIQIAO}),
        (EAST_BRANCH, {HEADQUARTERS, QINGYANLI}),
        (FORMER_LEAD, {HEADQUARTERS}),
    ],
)
def test_who_reads_which_spaces(sign_in, person, spaces):
    client = sign_in(person)
    scope = client.get("/sync/scope").json
    assert {one["space"] for one in scope["spaces"]} == set(scope["roles"]) == spaces
    assert scope["spaces"][0]["type"] == "headquarters"
    assert scope["user"] == {"id": person.id, "username": person.username, "name": person.name}
    answers = {
        space: client.get(f"/sync/{space}/pull").status_code
        for space in (HEADQUARTERS, QINGYANLI, XIQIAO, "no")
    }
    assert answers == {space: 200 if space in spaces else 404 for space in answers}


def test_roles_are_listed_by_space(sign_in):
    assert sign_in(ZENG_KE).get("/sync/scope").json["roles"][XIQIAO] == ["quality_staff", "sync_reviewer"]
    assert sign_in(EAST_BRANCH).get("/sync/scope").json["roles"][QINGYANLI] == ["branch_user"]


def test_unknown_and_unreadable_spaces_look_the_same(sign_in):
    tablet = sign_in(HE_GUILAN)
    answers = [tablet.get(f"/sync/{space}/pull") for space in (XIQIAO, "nowhere", "'; --")]
    assert [(answer.status_code, answer.json) for answer in answers] == [(404, answers[0].json)] * 3


@pytest.mark.parametrize(
    "query", [{"since": "-1"}, {"since": "x"}, {"since": "１"}, {"limit": "1e3"}, {"since": "9" * 30}]
)
@pytest.mark.embedded
def test_a_query_that_is_no_number_is_refused(sign_in, query):
    answer = sign_in(HE_GUILAN).get(f"/sync/{QINGYANLI}/pull", **query)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_a_pull_does_not_wait_for_an_open_push(house: House, sign_in):
    tablet = sign_in(HE_GUILAN)
    head = tablet.get(f"/sync/{QINGYANLI}/pull").json["head"]
    answers = []

    def pull() -> None:
        answers.append(tablet.get(f"/sync/{QINGYANLI}/pull").json)
        house.close()

    with house.services.exchange.store.transaction(QINGYANLI) as tx:
        tx.head()
        reader = threading.Thread(target=pull)
        reader.start()
        reader.join(10)
        assert [page["head"] for page in answers] == [head]
