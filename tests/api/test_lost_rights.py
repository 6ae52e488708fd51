"""Rights that end, and what they take along; work that lacked them is taken in when they come (I11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from server.api.services import EXTENSION
from server.app import create_app
from server.config import Settings
from server.exchange import SecondLook, second_look
from tests.api.estate import photo_of
from tests.api.test_blobs import HASH, PICTURE, has
from tests.api.test_quarantine import end_role
from tests.api.test_realtime import listen, pokes
from tests.api.test_tus import Uploader
from tests.factories import area_check, create, finding, inspection, new_id, patch, post
from tests.house import Client, House
from tests.people import (
    ADMIN,
    FORMER_LEAD,
    HE_GUILAN,
    HEADQUARTERS,
    QINGYANLI,
    TANG_ZHIQIANG,
    XIQIAO,
    YAO_CHUNYAN,
    ZENG_KE,
    Person,
)


def appoint(
    person: Person, role: str = "team_lead", starts_on: str = "2020-01-01", ends_on: str | None = None
) -> dict[str, Any]:
    """A role from some day on."""
    period = {"starts_on": starts_on, "ends_on": ends_on}
    return create("role_assignment", {"person": person.id, "role": role, **period})


def once_lead(house: House, person: Person, space: str) -> None:
    """Somebody who led a team somewhere long ago, and so may hand in work for it."""
    house.bring(space, appoint(person, ends_on="2020-12-31"))


def spaces(client: Client) -> set[str]:
    """What a device follows."""
    return {one["space"] for one in client.get("/sync/scope").json["spaces"]}  # type: ignore[index]


def outcome(client: Client, saved: dict[str, Any], space: str = QINGYANLI) -> tuple[str, str | None]:
    """Status and reason when the device asks what became of a commit."""
    [result] = client.push(space, saved)
    assert result["replayed"]
    return result["status"], (result["reason"] or {}).get("code")


def refused(client: Client, *changes: dict[str, Any], space: str = QINGYANLI) -> dict[str, Any]:
    """A commit that is parked for lack of rights."""
    saved = client.commit(*changes)
    [result] = client.push(space, saved)
    assert (result["status"], result["reason"]["code"]) in {("parked", "forbidden"), ("parked", "not_found")}
    return saved


def test_a_lost_space_leaves_the_device_and_unsent_work_is_parked(house: House, sign_in) -> None:
    place = post()
    house.bring(QINGYANLI, place)
    lead, reviewer = sign_in(HE_GUILAN), sign_in(ZENG_KE)
    socket = listen(house, lead)
    unsent = inspection(HE_GUILAN)
    check = area_check(HE_GUILAN, unsent["record"], place["record"])
    saved = lead.commit(unsent, check, photo_of(HE_GUILAN, check["record"], place["record"], HASH))
    end_role(house, HE_GUILAN.id)
    assert {poke["space"] for poke in pokes(socket)} == {QINGYANLI}, "the device is told to ask"
    assert socket.is_connected()
    assert spaces(lead) == {HEADQUARTERS}
    assert lead.get(f"/sync/{QINGYANLI}/pull").status_code == 404
    assert lead.get(f"/coverage/{QINGYANLI}").status_code == 404
    assert Uploader(lead).send(PICTURE).status_code == 204
    [result] = lead.push(QINGYANLI, saved)
    assert (result["status"], result["reason"]["code"]) == ("parked", "forbidden")
    [row] = reviewer.get("/parked").json["parked"]
    assert row["commit"] == saved
    assert has(reviewer)
    assert has(lead), "she sent it"
    assert not has(sign_in(TANG_ZHIQIANG))
    house.bring(QINGYANLI, appoint(HE_GUILAN))
    assert outcome(lead, saved) == ("applied", None)
    assert reviewer.get("/parked").json["parked"] == []
    assert has(sign_in(TANG_ZHIQIANG))


def test_with_fewer_audiences_the_copy_is_built_anew(house: House, sign_in) -> None:
    supervisor = sign_in(YAO_CHUNYAN)
    secret = inspection(HE_GUILAN) | {"audience": ["management"]}
    sign_in(HE_GUILAN).save(QINGYANLI, secret)
    assert secret["record"] in supervisor.pull(QINGYANLI)
    page = supervisor.get(f"/sync/{QINGYANLI}/pull").json
    admin = sign_in(ADMIN)
    [record] = [row for row in admin.pull(QINGYANLI).values() if row["data"].get("role") == "supervisor"]
    ended = patch(
        "role_assignment", record["id"], {"period": record["created_by_change"]}, {"ends_on": "2020-01-02"}
    )
    assert admin.save(QINGYANLI, ended)["status"] == "applied"
    assert QINGYANLI in spaces(supervisor), "she still owns an item"
    [epoch] = [
        one["epoch"] for one in supervisor.get("/sync/scope").json["spaces"] if one["space"] == QINGYANLI
    ]
    assert epoch != page["epoch"]
    cursor = {"since": page["to"], "epoch": page["epoch"], "at": page["at"]}
    assert supervisor.get(f"/sync/{QINGYANLI}/pull", **cursor).status_code == 410
    left = supervisor.pull(QINGYANLI)
    assert secret["record"] not in left
    assert secret["record"] not in str(left)


def test_work_is_taken_in_by_itself_when_the_right_comes(house: House, sign_in) -> None:
    lead, other = sign_in(FORMER_LEAD), sign_in(TANG_ZHIQIANG)
    visit = inspection(FORMER_LEAD)
    first = refused(lead, visit)
    moved = lead.commit(patch("inspection", visit["record"], {"unplanned": visit["id"]}, {"unplanned": True}))
    assert lead.push(QINGYANLI, moved)[0]["reason"]["code"] == "waiting"
    others = refused(other, inspection(HE_GUILAN))
    admin = sign_in(ADMIN)
    assert admin.save(QINGYANLI, appoint(FORMER_LEAD))["status"] == "applied"
    assert outcome(lead, first) == ("applied", None)
    assert outcome(lead, moved) == ("applied", None), "what waited behind it follows"
    assert outcome(other, others) == ("parked", "forbidden")
    record = lead.pull(QINGYANLI)[visit["record"]]
    assert (record["data"]["inspector"], record["data"]["unplanned"]) == (FORMER_LEAD.id, True)


def test_so_is_what_it_could_not_read(house: House, sign_in) -> None:
    """Unreadable says `not_found`, so that, too, may be a lack of rights."""
    place, visit = post(), inspection(HE_GUILAN)
    house.bring(QINGYANLI, place)
    check = area_check(HE_GUILAN, visit["record"], place["record"])
    found = finding(HE_GUILAN, check["record"], place["record"]) | {"audience": ["management"]}
    assert sign_in(HE_GUILAN).save(QINGYANLI, visit, check, found)["status"] == "applied"
    lead = sign_in(TANG_ZHIQIANG)
    comment = patch("finding", found["record"], {}, {}, add={"comments": [{"id": new_id(), "value": {
        "text": "已知", "by": TANG_ZHIQIANG.id, "at": "2026-11-23T10:00:00+08:00"}}]})  # fmt: skip
    saved = refused(lead, comment)
    house.bring(QINGYANLI, appoint(TANG_ZHIQIANG, "supervisor"))
    assert outcome(lead, saved) == ("applied", None)


def test_a_role_of_the_whole_company_counts_in_every_space(house: House, sign_in) -> None:
    lead = sign_in(FORMER_LEAD)
    saved = refused(lead, create("team", {"code": "T99", "name": "新班"}))
    house.bring(HEADQUARTERS, appoint(FORMER_LEAD, "administrator"))
    assert outcome(lead, saved) == ("applied", None)


def test_a_right_that_begins_with_a_day_does_so_too(house: House, sign_in) -> None:
    lead, other = sign_in(FORMER_LEAD), sign_in(HE_GUILAN)
    saved = refused(lead, inspection(FORMER_LEAD))
    tomorrow = (house.clock.now() + timedelta(days=1)).date().isoformat()
    house.bring(QINGYANLI, appoint(FORMER_LEAD, starts_on=tomorrow))
    assert outcome(lead, saved) == ("parked", "forbidden")
    house.clock.shift = timedelta(days=1)
    other.save(QINGYANLI, inspection(HE_GUILAN))
    assert outcome(lead, saved) == ("applied", None)


def restarted(house: House, database_url: str) -> None:
    """The same data, served by a new process."""
    app = house.data / "app"
    settings = Settings(data=house.data, database_url=database_url, secret_key="for tests", app=app)
    create_app(settings, house.clock).extensions[EXTENSION].exchange.spaces.database.close()


def test_a_server_that_died_before_it_looked_looks_when_it_starts(
    house: House, database_url: str, sign_in, monkeypatch
) -> None:
    """Found by the simulator: killed between a new right and the second look, it left the work parked."""
    lead = sign_in(FORMER_LEAD)
    saved = refused(lead, inspection(FORMER_LEAD))
    with monkeypatch.context() as dying:
        dying.setattr(house.services.exchange, "judge_again", lambda space, idents: None)
        house.bring(QINGYANLI, appoint(FORMER_LEAD))
    assert outcome(lead, saved) == ("parked", "forbidden")
    restarted(house, database_url)
    assert outcome(lead, saved) == ("applied", None)


def test_what_an_older_version_could_not_read_is_replayed_by_a_newer_one(
    house: House, database_url: str, sign_in
) -> None:
    """I13: nobody has to press a button after an update."""
    lead = sign_in(HE_GUILAN)
    shapes = house.services.exchange.shapes
    known: tuple[dict[str, Any], ...] = (shapes._kinds, shapes._plain._of_kind)
    newer = [kinds.pop("inspection") for kinds in known]
    saved = lead.commit(inspection(HE_GUILAN))
    [result] = lead.push(QINGYANLI, saved)
    assert (result["status"], result["reason"]["code"]) == ("parked", "unknown_kind")
    for kinds, of_kind in zip(known, newer, strict=True):
        kinds["inspection"] = of_kind
    restarted(house, database_url)
    assert outcome(lead, saved) == ("applied", None)


def test_rights_that_end_take_nothing_in(house: House, sign_in) -> None:
    lead = sign_in(TANG_ZHIQIANG)
    saved = refused(lead, inspection(HE_GUILAN))
    end_role(house, TANG_ZHIQIANG.id)
    assert outcome(lead, saved) == ("parked", "forbidden")


def test_what_was_given_up_stays_given_up(house: House, sign_in) -> None:
    lead = sign_in(FORMER_LEAD)
    saved = refused(lead, inspection(FORMER_LEAD))
    sign_in(ZENG_KE).post(f"/parked/{saved['id']}/discard", json={"reason": "重复"})
    house.bring(QINGYANLI, appoint(FORMER_LEAD))
    assert outcome(lead, saved) == ("parked", "discarded")


def test_the_second_look_is_short_for_each_lock_and_ends(house: House, sign_in, monkeypatch, caplog) -> None:
    monkeypatch.setattr(second_look, "AT_ONCE", 2)
    monkeypatch.setattr(second_look, "AT_MOST", 5)
    lead = sign_in(FORMER_LEAD)
    saved = [refused(lead, inspection(FORMER_LEAD)) for _ in range(7)]
    looked: list[list[str]] = []
    exchange = house.services.exchange
    judge = exchange.judge_again

    def watch(space: str, idents: list[str]) -> None:
        looked.append(list(idents))
        judge(space, idents)

    monkeypatch.setattr(exchange, "judge_again", watch)
    house.bring(QINGYANLI, appoint(FORMER_LEAD))
    assert looked == [[one["id"] for one in saved[start:end]] for start, end in ((0, 2), (2, 4), (4, 5))]
    assert [outcome(lead, one)[0] for one in saved] == ["applied"] * 5 + ["parked"] * 2
    assert "waits for a person" in caplog.text


def test_it_reaches_only_the_people_concerned_and_never_whoever_gave_the_right(
    house: House, sign_in, monkeypatch, caplog
) -> None:
    mine = refused(sign_in(FORMER_LEAD), inspection(FORMER_LEAD))
    refused(sign_in(TANG_ZHIQIANG), inspection(HE_GUILAN))
    asked: list[Any] = []

    def fail(space: str, idents: list[str]) -> None:
        asked.append((space, idents))
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(house.services.exchange, "judge_again", fail)
    result = sign_in(ADMIN).save(QINGYANLI, appoint(FORMER_LEAD))
    assert result["status"] == "applied"
    assert asked == [(QINGYANLI, [mine["id"]])]
    assert "could not be judged anew" in caplog.text


def test_rights_that_a_parked_commit_gives_are_followed_in_turn(house: House, sign_in) -> None:
    """An administrator who was not yet one made 何桂兰 lead elsewhere, and she worked there already."""
    deputy, lead = sign_in(FORMER_LEAD), sign_in(HE_GUILAN)
    once_lead(house, HE_GUILAN, XIQIAO)
    once_lead(house, FORMER_LEAD, XIQIAO)
    work = refused(lead, inspection(HE_GUILAN), space=XIQIAO)
    given = refused(deputy, appoint(HE_GUILAN), space=XIQIAO)
    house.bring(HEADQUARTERS, appoint(FORMER_LEAD, "administrator"))
    assert outcome(deputy, given, XIQIAO) == ("applied", None)
    assert outcome(lead, work, XIQIAO) == ("applied", None)


def test_spaces_are_looked_at_one_after_the_other(house: House, sign_in) -> None:
    """A lock that were held meanwhile would make opening the next transaction fail, see `FairLock`."""
    lead = sign_in(FORMER_LEAD)
    once_lead(house, FORMER_LEAD, XIQIAO)
    here = refused(lead, create("team", {"code": "T98", "name": "班"}))
    there = refused(lead, create("team", {"code": "T98", "name": "班"}), space=XIQIAO)
    held: list[str] = []
    exchange = house.services.exchange
    assert any(getattr(one, "__self__", None).__class__ is SecondLook for one in exchange.listeners)
    exchange.listeners.append(lambda notice: held.append(notice.space))
    house.bring(HEADQUARTERS, appoint(FORMER_LEAD, "administrator"))
    assert outcome(lead, here) == ("applied", None)
    assert outcome(lead, there, XIQIAO) == ("applied", None)
    assert {QINGYANLI, XIQIAO, HEADQUARTERS} <= set(held)
