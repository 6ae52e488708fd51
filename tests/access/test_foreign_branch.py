"""Another branch and another project see nothing of 青砚里: by no id, hash, list, poke, reference (I17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask_socketio import SocketIOTestClient

from server.app import REALTIME
from tests.access.roles import settle
from tests.api.desk import MOMENT, Desk, Finding
from tests.api.estate import P029, P029_A1, T07, Estate, Tablet, photo_of
from tests.evidence.desk import body, metadata, sha256
from tests.evidence.pictures import photo
from tests.factories import area_check, create, finding, inspection, new_id, patch, post
from tests.people import (
    HE_GUILAN,
    HEADQUARTERS,
    LEAD_AT_XIQIAO,
    QINGYANLI,
    WEST,
    XIQIAO,
    YAO_CHUNYAN,
    ZENG_KE,
    Person,
    Role,
)

WEST_BRANCH = Person(301, "west", "西部分中心", HEADQUARTERS, (Role(HEADQUARTERS, "branch_user", WEST),))
FOREIGN = {"team lead of another project": LEAD_AT_XIQIAO, "other branch": WEST_BRANCH}
PICTURE = photo(11, size=(400, 300))
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Hidden:
    """What there is in 青砚里, for nobody outside it to find."""

    estate: Estate
    lead: Tablet
    finding: Finding
    photo: str
    sha256: str
    conflict: str
    parked: str
    upload: str

    def words(self) -> list[str]:
        """Everything that must not stand in any answer."""
        records = list(self.lead.pull(QINGYANLI))
        return [
            *records,
            self.sha256,
            self.parked,
            self.upload,
            "1号楼保洁岗",
            "P029",
            "墙面有污迹",
            "何桂兰",
        ]


@pytest.fixture(scope="module")
def hidden(tmp_path_factory):
    estate = Estate(tmp_path_factory.mktemp("foreign") / "data", MOMENT)
    settle(estate, [WEST_BRANCH])
    lead, other = estate.tablet(HE_GUILAN), estate.tablet(YAO_CHUNYAN)
    found = Finding(lead)
    tus = estate.services.parts["tus"]
    sent = tus.create(HE_GUILAN.id, str(len(PICTURE)), metadata(sha256(PICTURE), "image/jpeg"))
    tus.receive(HE_GUILAN.id, sent.id, "0", None, body(PICTURE))
    begun = tus.create(HE_GUILAN.id, "9", metadata(sha256(b"123456789"), "image/jpeg"))
    picture = photo_of(HE_GUILAN, found.check, P029_A1, sha256(PICTURE))
    assert lead.save(QINGYANLI, picture)["status"] == "applied"
    lead.save(QINGYANLI, found.patch({"note": "一"}, {"note": None}))
    conflict = other.save(QINGYANLI, found.patch({"note": "二"}, {"note": None}))["conflicts"][0]
    visit = inspection(HE_GUILAN)
    waits = lead.commit(visit, area_check(HE_GUILAN, visit["record"], new_id()))
    assert lead.push(QINGYANLI, waits)[0]["status"] == "parked"
    yield Hidden(estate, lead, found, picture["record"], sha256(PICTURE), conflict, waits["id"], begun.id)
    estate.close()


@pytest.fixture(params=FOREIGN)
def stranger(request, hidden) -> Desk:
    found = Desk(hidden.estate, FOREIGN[request.param])
    found.sign_in()
    return found


def test_no_answer_holds_a_word_of_it(hidden, stranger):
    answers = [stranger.get(path) for path in ("/sync/scope", "/parked", "/conflicts", "/coverage")]
    answers.append(stranger.get("/conflicts", state="resolved"))
    readable = [space["space"] for space in stranger.get("/sync/scope").get_json()["spaces"]]
    assert readable == [HEADQUARTERS, XIQIAO]
    for space in readable:
        answers += [stranger.get(f"/sync/{space}/pull", limit=5000), stranger.get(f"/coverage/{space}")]
        answers += [
            stranger.get(f"/coverage/{space}/history", days=1),
            stranger.get("/conflicts", space=space),
        ]
        answers.append(stranger.post(f"/sync/{space}/push", json=stranger.envelope()))
    assert {answer.status_code for answer in answers} == {200}
    told = "\n".join(answer.text for answer in answers)
    assert [word for word in hidden.words() if word in told] == []
    assert QINGYANLI not in readable


def test_every_address_of_it_is_like_one_that_does_not_exist(hidden, stranger):
    """Existing, and made up: the same status and the same bytes."""
    nowhere, nothing = "nowhere", new_id()
    pairs = [
        (f"/sync/{QINGYANLI}/pull", f"/sync/{nowhere}/pull"),
        (f"/coverage/{QINGYANLI}", f"/coverage/{nowhere}"),
        (f"/coverage/{QINGYANLI}/history", f"/coverage/{nowhere}/history"),
        (f"/coverage/{QINGYANLI}/units/{P029}", f"/coverage/{nowhere}/units/{nothing}"),
        (f"/coverage/{XIQIAO}/units/{P029}", f"/coverage/{XIQIAO}/units/{nothing}"),
        (f"/checks/{QINGYANLI}/{hidden.finding.check}", f"/checks/{nowhere}/{nothing}"),
        (f"/checks/{XIQIAO}/{hidden.finding.check}", f"/checks/{XIQIAO}/{nothing}"),
        (f"/conflicts?space={QINGYANLI}", f"/conflicts?space={nowhere}"),
        (f"/conflicts/{hidden.conflict}", f"/conflicts/{nothing}"),
        (f"/conflicts/{hidden.finding.id}", f"/conflicts/{nothing}"),
        (f"/blobs/{hidden.sha256}", f"/blobs/{'0' * 64}"),
        (f"/blobs/{hidden.sha256}?size=thumb", f"/blobs/{'0' * 64}?size=thumb"),
    ]
    for real, made_up in pairs:
        found, missing = (
            stranger.http.get(f"/api/v1{path}", headers=stranger.headers) for path in (real, made_up)
        )
        assert (found.status_code, found.data) == (404, missing.data), real
    assert stranger.post("/blobs/have", json={"sha256": [hidden.sha256]}).get_json() == {"held": []}


def test_nothing_can_be_done_to_it(hidden, stranger):
    nothing = new_id()
    envelope = stranger.envelope(stranger.commit(inspection(stranger.person)))
    decision = {"commit": new_id(), "seen": [nothing], "value": "三", "reason": "x"}
    for path, more in (
        ("/parked/{}/retry", {}),
        ("/parked/{}/discard", {"json": {"reason": "x"}}),
        ("/conflicts/{}/resolve", {"json": decision}),
    ):
        real = hidden.conflict if "conflicts" in path else hidden.parked
        answers = [stranger.post(path.format(ident), **more) for ident in (real, nothing)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].data == answers[1].data
    spaces = [stranger.post(f"/sync/{space}/push", json=envelope) for space in (QINGYANLI, "nowhere")]
    assert [answer.status_code for answer in spaces] == [404, 404]
    assert spaces[0].data == spaces[1].data
    assert hidden.lead.pull(QINGYANLI)[hidden.conflict]["data"]["state"] == "open"


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_nobody_else_has_an_upload(hidden, stranger, method):
    headers = {
        **stranger.headers,
        **TUS,
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    answers = [
        stranger.http.open(f"/api/v1/blobs/tus/{ident}", method=method, headers=headers)
        for ident in (hidden.upload, new_id())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data


def test_no_poke_of_it(hidden, stranger):
    realtime: Any = hidden.estate.app.extensions[REALTIME]
    token = stranger.headers["Authorization"].split(" ")[1]
    socket: SocketIOTestClient = realtime.socketio.test_client(hidden.estate.app, auth={"token": token})
    result = hidden.lead.save(QINGYANLI, inspection(HE_GUILAN))
    assert result["status"] == "applied"
    hidden.estate.bring(XIQIAO, post("X001"))
    told = [event["args"][0]["space"] for event in socket.get_received() if event["name"] == "poke"]
    assert XIQIAO in told
    assert QINGYANLI not in told


def _naming(own: dict[str, str], foreign: str, change: str) -> list[dict[str, Any]]:
    """Every way to name a record, or a version, of another project. ``own``: what exists in 溪桥公寓."""
    me, unit, ident = LEAD_AT_XIQIAO, own["unit"], own["finding"]
    pinned = [{"id": new_id(), "value": foreign}]
    scope = {"inspector": me.id, "team": foreign, "starts_on": "2026-11-02"}
    return [
        area_check(me, own["visit"], foreign),
        area_check(me, foreign, unit),
        photo_of(me, foreign, unit, "e" * 64),
        finding(me, foreign, unit),
        finding(me, own["check"], unit, photos=pinned),
        patch("finding", ident, {"state": own["change"]}, {"state": "open", "acknowledgement": foreign}),
        patch("finding", ident, {}, {}, add={"photos": pinned}),
        patch("finding", foreign, {"note": None}, {"note": "x"}),
        patch("post", foreign, {"name": change}, {"name": "x"}),
        patch("sync_conflict", foreign, {"state": change}, {"state": "resolved"}),
        create("inspector_scope", scope),
        {"id": new_id(), "op": "delete", "kind": "finding", "record": foreign, "base": {"*": change}},
        patch("finding", ident, {"note": change}, {"note": "x"}),
    ]


def test_references_and_bases_tell_no_more_than_made_up_ones(hidden):
    lead = hidden.estate.tablet(LEAD_AT_XIQIAO)
    place, visit = post("X002"), inspection(LEAD_AT_XIQIAO)
    hidden.estate.bring(XIQIAO, place)
    check = area_check(LEAD_AT_XIQIAO, visit["record"], place["record"])
    made = finding(LEAD_AT_XIQIAO, check["record"], place["record"])
    assert lead.save(XIQIAO, visit, check, made)["status"] == "applied"
    own = {"unit": place["record"], "visit": visit["record"], "check": check["record"],
           "finding": made["record"], "change": made["id"]}  # fmt: skip
    nothing, no_change, change = new_id(), new_id(), hidden.finding.change
    made_up = [_reason(lead, one) for one in _naming(own, nothing, no_change)]
    assert {code for code, _ in made_up} == {"not_found", "unknown_base", "server_only"}
    records = (hidden.finding.id, hidden.finding.check, hidden.photo, hidden.conflict)
    for foreign in (P029, P029_A1, T07, HE_GUILAN.id, *records):
        found = [_reason(lead, one) for one in _naming(own, foreign, change)]
        assert found == [
            (code, detail.replace(nothing, foreign).replace(no_change, change)) for code, detail in made_up
        ]


def _reason(lead: Tablet, change: dict[str, Any]) -> tuple[str, str]:
    """Why it was parked; discarded at once, so that it holds up nothing."""
    [result] = lead.push(XIQIAO, commit := lead.commit(change))
    assert result["status"] == "parked", (change, result)
    assert lead.post(f"/parked/{commit['id']}/discard", json={"reason": "x"}).status_code == 200
    return result["reason"]["code"], str(result["reason"]["detail"])


def test_a_hash_that_is_only_named_gives_nothing(hidden):
    lead = hidden.estate.tablet(LEAD_AT_XIQIAO)
    place = post("X003")
    hidden.estate.bring(XIQIAO, place)
    visit = inspection(LEAD_AT_XIQIAO)
    check = area_check(LEAD_AT_XIQIAO, visit["record"], place["record"])
    named = photo_of(LEAD_AT_XIQIAO, check["record"], place["record"], hidden.sha256)
    assert lead.save(XIQIAO, visit, check, named)["status"] == "applied"
    assert lead.get(f"/blobs/{hidden.sha256}").status_code == 404
    assert lead.get(f"/blobs/{hidden.sha256}", size="thumb").status_code == 404


def test_a_name_in_an_audience_opens_no_space(hidden):
    """Whoever is named in an audience but does not read the space gets neither the record nor its photo."""
    mine = f"person:{LEAD_AT_XIQIAO.id}"
    named = {
        **photo_of(HE_GUILAN, hidden.finding.check, P029_A1, hidden.sha256),
        "audience": ["project", mine],
    }
    assert hidden.lead.save(QINGYANLI, named)["status"] == "applied"
    lead = hidden.estate.tablet(LEAD_AT_XIQIAO)
    assert lead.get(f"/blobs/{hidden.sha256}").status_code == 404
    change = {"add": {"photos": [{"id": new_id(), "value": named["record"]}]}}
    assert _reason(lead, patch("finding", new_id(), {}, {}, **change))[0] == "not_found"


def test_a_conflict_names_nobody_of_a_foreign_project(hidden):
    """何桂兰's id in a value of 溪桥公寓: her name is told to whoever reads 青砚里, to nobody else."""
    lead, desk = hidden.estate.tablet(LEAD_AT_XIQIAO), Desk(hidden.estate, ZENG_KE)
    desk.sign_in()
    place = post("X004")
    hidden.estate.bring(XIQIAO, place)
    visit = inspection(LEAD_AT_XIQIAO)
    check = area_check(LEAD_AT_XIQIAO, visit["record"], place["record"])
    own = finding(LEAD_AT_XIQIAO, check["record"], place["record"])
    lead.save(XIQIAO, visit, check, own)
    for tablet, someone in ((lead, HE_GUILAN), (desk, LEAD_AT_XIQIAO)):
        change = {"class": "GEN", "responsible_person": someone.id}
        tablet.save(XIQIAO, patch("finding", own["record"], {"evaluation": None}, change))
    [row] = desk.conflicts(space=XIQIAO)
    assert desk.conflict(row["id"])["names"] == {HE_GUILAN.id: "何桂兰", LEAD_AT_XIQIAO.id: "溪桥班长"}
    stranger = Desk(hidden.estate, LEAD_AT_XIQIAO)
    stranger.sign_in()
    assert stranger.conflict(row["id"])["names"] == {LEAD_AT_XIQIAO.id: "溪桥班长"}
