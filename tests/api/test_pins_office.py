"""What the office does about PINs, and the journal of it (X-07, X-14)."""

from __future__ import annotations

from server.storage.acts import Acts
from tests.api.crew import Crew, codes
from tests.factories import new_id
from tests.people import CAST, HAN_JINGYI, HE_GUILAN, LEAD_AT_XIQIAO, QINGYANLI, YAO_CHUNYAN


def test_only_the_office_enrols_and_never_a_lead(crew: Crew) -> None:
    path = f"/pins/{QINGYANLI}/{crew.id['chen']}"
    told: dict[str, set[str]] = {}
    for one in CAST:
        client = crew.by(one)
        answers = [
            client.post(f"{path}/code"), client.post(f"{path}/unlock"),
            client.get(f"/pins/{QINGYANLI}/people"),
        ]  # fmt: skip
        told[one.username] = {str(answer.status_code) for answer in answers}
    assert told == {
        "t07": {"403"}, "t09": {"403"}, "environment": {"200"}, "director": {"200"}, "reviewer": {"403"},
        "admin": {"200"}, "branch": {"403"}, "x01": {"404"}, "former": {"404"}, "hr": {"403"},
        "desk": {"403"},
    }  # fmt: skip


def test_people_of_other_spaces_and_of_none_look_alike_to_the_office(crew: Crew) -> None:
    director = crew.by(HAN_JINGYI)
    answers = [
        director.post(f"/pins/{space}/{person}/{act}")
        for act in ("code", "unlock")
        for space, person in [
            (QINGYANLI, LEAD_AT_XIQIAO.id),
            (QINGYANLI, new_id()),
            ("xqgy", LEAD_AT_XIQIAO.id),
        ]
    ]
    assert codes(answers) == ["404 not_found"] * 6
    assert len({answer.data for answer in answers}) == 1


def test_the_office_sees_everybody_with_the_state_of_his_pin(crew: Crew) -> None:
    crew.enrolled("liu")
    code_made = crew.by(HAN_JINGYI).post(f"/pins/{QINGYANLI}/{crew.id['chen']}/code").json
    assert crew.state("liu")["state"] == "set"
    chen = crew.state("chen")
    assert chen == {
        "person": {"id": crew.id["chen"], "name": "陈秀英"}, "team": "保洁一班", "team_en": "Cleaning 1",
        "title": "保洁员", "title_en": "Cleaner", "state": "none", "version": 0,
        "code_expires_at": code_made["expires_at"],  # type: ignore[index]
    }  # fmt: skip
    people = crew.by(HAN_JINGYI).get(f"/pins/{QINGYANLI}/people").json["people"]  # type: ignore[index]
    names = [one["person"]["name"] for one in people]
    assert "已离职" not in names
    assert "溪桥班长" not in names


def test_each_act_is_journalled_in_a_chain(crew: Crew) -> None:
    crew.enrolled("chen")
    crew.by(YAO_CHUNYAN).post(f"/pins/{QINGYANLI}/{crew.id['chen']}/unlock")
    journal = Acts(crew.database)
    found = [(act.what, act.actor.user, dict(act.after)) for act in journal.of(crew.id["chen"])]
    assert [(what, user) for what, user, _ in found] == [
        ("pin_code", HAN_JINGYI.id), ("pin_set", HE_GUILAN.id), ("pin_unlock", YAO_CHUNYAN.id),
    ]  # fmt: skip
    assert found[1][2] == {"version": 1, "proof": "code"}
    assert journal.broken_at() is None
    for change, broken in [
        ("UPDATE acts SET \"by\" = 'x' WHERE number = 2", 2),
        ("DELETE FROM acts WHERE number = 3", 2),
        ("DELETE FROM acts WHERE number = 1", 1),
    ]:
        with crew.database.write() as tx:
            tx.run(change)
        assert journal.broken_at() == broken


def test_the_last_act_is_missed_too(crew: Crew) -> None:
    crew.code("chen")
    with crew.database.write() as tx:
        tx.run("DELETE FROM acts")
    assert Acts(crew.database).broken_at() == 1
