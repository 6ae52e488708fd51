"""Who records a signature, a refusal or an absence: whoever evaluates the finding, and nobody else at daily
level. What is signed binds others, so a stranger's signature would freeze their finding (Q1-3.4.2a, X-14)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.desk import Finding
from tests.api.estate import LUO_XIUFEN, Estate, Tablet
from tests.api.signed import Signing
from tests.factories import create
from tests.people import HAN_JINGYI, HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, Person
from tests.signing import DeviceKey, sign_in_with, signature

ACTS: dict[str, dict[str, Any]] = {
    "signed": {},
    "refused": {"act": "refused", "reason": "不认可", "identified": {"by": "none"}, "strokes": []},
    "absent": {"act": "absent", "reason": "已下班", "identified": {"by": "none"}, "strokes": []},
}


@pytest.fixture
def signing(estate: Estate) -> Signing:
    return Signing(estate)


def recorded_by(estate: Estate, person: Person, finding: str, **act: Any) -> tuple[Tablet, dict[str, Any]]:
    tablet, key = Tablet(estate, person), DeviceKey()
    sign_in_with(tablet, key)
    return tablet, signature(tablet, key, [finding], TANG_ZHIQIANG, **act)


@pytest.mark.parametrize("act", ACTS)
def test_the_lead_of_another_team_records_none(signing: Signing, estate: Estate, act: str) -> None:
    tablet, change = recorded_by(estate, LUO_XIUFEN, signing.finding.id, **ACTS[act])
    saved = tablet.save(QINGYANLI, change)
    assert (saved["status"], saved["reason"]["code"]) == ("parked", "forbidden")
    worse = signing.finding.evaluate(responsible_person=TANG_ZHIQIANG.id, base=signing.evaluated["id"])
    assert signing.lead.save(QINGYANLI, worse)["conflicts"] == [], "the finding is as free as it was"


@pytest.mark.parametrize("act", ACTS)
def test_who_found_it_records_it(signing: Signing, act: str) -> None:
    change = signature(signing.lead, signing.key, [signing.finding.id], TANG_ZHIQIANG, **ACTS[act])
    assert signing.lead.save(QINGYANLI, change)["status"] == "applied"


def test_a_higher_level_records_it(signing: Signing, estate: Estate) -> None:
    tablet, change = recorded_by(estate, HAN_JINGYI, signing.finding.id)
    assert tablet.save(QINGYANLI, change)["status"] == "applied"


def test_a_deputy_records_it_in_her_place(signing: Signing, estate: Estate) -> None:
    period = {"inspector": HE_GUILAN.id, "deputy": LUO_XIUFEN.id, "starts_on": "2020-01-01"}
    estate.bring(QINGYANLI, create("deputy_appointment", {**period, "ends_on": "2099-12-31"}))
    tablet, change = recorded_by(estate, LUO_XIUFEN, signing.finding.id)
    assert tablet.save(QINGYANLI, change)["status"] == "applied"


def test_one_foreign_finding_among_own_ones_is_one_too_many(signing: Signing, estate: Estate) -> None:
    tablet, key = Tablet(estate, LUO_XIUFEN), DeviceKey()
    sign_in_with(tablet, key)
    own = Finding(tablet, found_by=LUO_XIUFEN.id)
    evaluated = own.evaluate(responsible_person=TANG_ZHIQIANG.id)
    assert tablet.save(QINGYANLI, evaluated)["status"] == "applied"
    both = signature(tablet, key, [own.id, signing.finding.id], TANG_ZHIQIANG)
    assert tablet.save(QINGYANLI, both)["reason"]["code"] == "forbidden"
    alone = signature(tablet, key, [own.id], TANG_ZHIQIANG)
    assert tablet.save(QINGYANLI, alone)["status"] == "applied"
