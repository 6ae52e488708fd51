"""Whom an author may show what he creates (`protocol.md` section 1): an audience only narrows."""

from __future__ import annotations

import pytest

from server.rules.audience import strange_tokens
from tests.api.desk import Finding
from tests.api.estate import Estate
from tests.factories import inspection, new_id
from tests.people import ADMIN, HAN_JINGYI, HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, ZENG_KE

TANG, NOBODY = f"person:{TANG_ZHIQIANG.id}", f"person:{new_id()}"
NARROWER, REVIEWED = ("desk", "management", "hr"), ("project", "management")


@pytest.mark.parametrize(
    ("usual", "asked", "strange"),
    [
        (("project",), ("project",), []),
        (("project",), ("management",), []),
        (("project",), ("management", TANG, NOBODY), []),
        (("project",), ("project", "hr"), []),
        (("project",), ("desk", "management"), []),
        (("project",), ("desk",), ["desk"]),
        (("project",), ("hr", TANG), ["hr", TANG]),
        (("project",), (TANG,), [TANG]),
        (("project",), ("everybody",), ["everybody"]),
        (("project",), ("project", "server", "admin"), ["admin", "server"]),
        (("project",), ("project management",), ["project management"]),
        (("project",), ("person:x",), ["person:x"]),
        (("project",), (TANG.upper(),), [TANG.upper()]),
        (("project",), (f"{TANG}\n",), [f"{TANG}\n"]),
        (("management",), ("management", TANG), []),
        (("management",), ("project",), ["project"]),
        (("management",), ("management", "hr"), ["hr"]),
        (("management",), (TANG,), [TANG]),
        (("hr",), ("hr", TANG), []),
        (("hr",), (TANG,), [TANG]),
    ],
)
def test_an_audience_only_narrows_and_shuts_no_reviewer_out(usual, asked, strange):
    assert strange_tokens(asked, usual, NARROWER, REVIEWED) == strange


@pytest.mark.parametrize("asked", [["everybody"], ["hr"], [TANG], ["project person:x"], ["project", "x"]])
def test_what_is_not_allowed_parks_with_its_reason(sign_in, asked):
    tablet = sign_in(HE_GUILAN)
    result = tablet.save(QINGYANLI, {**inspection(HE_GUILAN), "audience": asked})
    assert (result["status"], result["reason"]["code"]) == ("parked", "audience_not_allowed")
    [parked] = sign_in(ZENG_KE).get("/parked").get_json()["parked"]
    assert set(parked["reason"]["detail"].split(" ")) <= set(" ".join(asked).split(" "))


def test_an_allowed_one_is_shown_to_exactly_those(sign_in):
    change = {**inspection(HE_GUILAN), "audience": ["management", f"person:{HE_GUILAN.id}"]}
    assert sign_in(HE_GUILAN).save(QINGYANLI, change)["status"] == "applied"
    seen = {
        person.name
        for person in (HE_GUILAN, HAN_JINGYI, ZENG_KE, TANG_ZHIQIANG, ADMIN)
        if change["record"] in sign_in(person).pull(QINGYANLI)
    }
    assert seen == {"何桂兰", "韩静仪", "曾可"}


def test_the_built_in_device_is_free(house, sign_in):
    change = {**inspection(HE_GUILAN), "audience": ["hr"]}
    house.bring(QINGYANLI, change)
    assert change["record"] not in sign_in(ZENG_KE).pull(QINGYANLI)


def test_a_conflict_is_shown_to_whom_its_record_is(tmp_path):
    estate = Estate(tmp_path / "data", "2026-11-03T10:00:00+08:00")
    lead, director = estate.tablet(HE_GUILAN), estate.tablet(HAN_JINGYI)
    finding = Finding(lead, audience=["management", f"person:{HE_GUILAN.id}"])
    lead.save(QINGYANLI, finding.patch({"note": "一"}, {"note": None}))
    director.save(QINGYANLI, finding.patch({"note": "二"}, {"note": None}))
    seen = {}
    for person in (HE_GUILAN, HAN_JINGYI, ZENG_KE, TANG_ZHIQIANG, ADMIN):
        seen[person.name] = len(estate.tablet(person).get("/conflicts").get_json()["conflicts"])
    assert seen == {"何桂兰": 1, "韩静仪": 1, "曾可": 1, "唐志强": 0, "管理员": 0}
    estate.close()
