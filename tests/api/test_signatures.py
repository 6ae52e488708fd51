"""Signatures judged as they arrive, over HTTP: why each parks (Q1-4.4o, Q1-4.4p, X-07, decision 0013)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.desk import Finding
from tests.api.signed import Shown, Signing
from tests.factories import new_id
from tests.people import HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, YAO_CHUNYAN, ZENG_KE
from tests.signing import DeviceKey, canonical, sign_in_with, signature

WITNESS = {"id": YAO_CHUNYAN.id, "name": YAO_CHUNYAN.name}


@pytest.fixture
def signing(estate) -> Signing:
    return Signing(estate)


def refused(**parts: Any) -> Shown:
    return {"act": "refused", "strokes": [], "reason": "不认可归属", "identified": {"by": "none"}, **parts}


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"strokes": [], "typed_name": TANG_ZHIQIANG.name},
        refused(),
        refused(witness=WITNESS),
        refused(act="absent", reason="已下班"),
        {"clock_offset_ms": None, "language": "en"},
    ],
)
def test_what_a_tablet_signs_is_taken_in(signing: Signing, parts: Shown) -> None:
    change = signing.sign(signing.shown(**parts))
    signing.applied(change)
    row = signing.lead.pull(QINGYANLI)[change["record"]]
    assert row["data"]["outcome"] == "current"
    assert row["data"]["snapshot"] == change["set"]["snapshot"]


def test_a_device_without_key_parks_until_it_has_registered_one(signing: Signing, estate) -> None:
    other = estate.tablet(HE_GUILAN, new_id())
    key = DeviceKey()
    change = signature(other, key, [signing.finding.id], TANG_ZHIQIANG)
    commit = other.commit(change)
    [result] = other.push(QINGYANLI, commit)
    assert (result["reason"]["code"], result["reason"]["detail"]) == ("no_device_key", other.device)
    sign_in_with(other, key)
    reviewer = estate.tablet(ZENG_KE)
    answer = reviewer.post(f"/parked/{commit['id']}/retry")
    assert answer.get_json()["status"] == "applied"


def test_a_device_that_never_was_parks(signing: Signing) -> None:
    unknown = new_id()
    assert signing.verdict(signing.sign(signing.shown(device=unknown))) == ("no_device_key", unknown)


def test_another_key_parks(signing: Signing) -> None:
    change = signing.sign(signing.shown())
    change["set"]["device_signature"] = DeviceKey().sign(change["set"]["snapshot"])
    assert signing.verdict(change)[0] == "signature_invalid"


def test_one_other_character_parks(signing: Signing) -> None:
    change = signing.sign(signing.shown())
    change["set"]["snapshot"] = change["set"]["snapshot"].replace("墙面有污迹", "墙面有污渍")
    assert signing.verdict(change)[0] == "signature_invalid"


def test_signed_before_the_key_was_lost_and_handed_in_by_the_new_device(signing: Signing, estate) -> None:
    """A tablet that lost its key is a new device (decision 0013); what it signed before was still signed."""
    change = signing.sign(signing.shown())
    again = estate.tablet(HE_GUILAN, new_id())
    assert again.save(QINGYANLI, change)["status"] == "applied"


def first(shown: Shown) -> Shown:
    found: Shown = shown["findings"][0]
    return found


def line(shown: Shown, unit: str) -> Shown:
    [found] = [one for one in shown["lines"] if one["unit"] == unit]
    return found  # type: ignore[no-any-return]


INSIDE: dict[str, tuple[Callable[[Shown], Any], str, str]] = {
    "description": (
        lambda s: first(s).update(description="别的"), "snapshot_mismatch", "findings.description"),
    "class": (lambda s: first(s)["class"].update(code="MIN"), "snapshot_mismatch", "findings.class"),
    "attribution": (
        lambda s: first(s)["attribution"].update(code="team"), "snapshot_mismatch", "findings.attribution"),
    "person": (
        lambda s: first(s).update(responsible_person=WITNESS),
        "snapshot_mismatch", "findings.responsible_person"),
    "post": (lambda s: first(s)["post"].update(id=new_id()), "snapshot_mismatch", "findings.post"),
    "area": (lambda s: first(s).update(area=None), "snapshot_mismatch", "findings.unit"),
    "item": (lambda s: first(s)["item"].update(code="CL-99"), "snapshot_mismatch", "findings.item"),
    "photo": (lambda s: first(s).update(photos=[]), "snapshot_mismatch", "findings.photos"),
    "photo hash": (
        lambda s: first(s)["photos"][0].update(sha256="c" * 64), "snapshot_mismatch", "findings.photos"),
    "value": (
        lambda s: (first(s).update(description="别的"), line(s, "description")["value"].update(
            description="别的")), "snapshot_mismatch", "lines.description"),
    "value of the group": (
        lambda s: (first(s)["class"].update(code="MIN"), line(s, "evaluation")["value"].update(
            {"class": "MIN"})), "snapshot_mismatch", "lines.class"),
    "element": (
        lambda s: (first(s)["photos"][0].update(id=(strange := new_id())), line(s, "photos").update(
            value={"photos": [{"id": new_id(), "value": strange}]})), "snapshot_mismatch", "lines.photos"),
    "version of another unit": (
        lambda s: line(s, "description").update(version=line(s, "evaluation")["version"]),
        "snapshot_mismatch", "lines.description.version"),
    "version that is none": (
        lambda s: line(s, "description").update(version=new_id()), "unknown_base", ""),
    "line left out": (
        lambda s: s["lines"].remove(line(s, "item")), "signature_incomplete", "lines.item"),
    "fields left out": (
        lambda s: line(s, "evaluation").update(fields=["class", "attribution"], value={
            name: line(s, "evaluation")["value"][name] for name in ("class", "attribution")}),
        "signature_incomplete", "lines.evaluation"),
    "a line twice": (
        lambda s: s["lines"].append(line(s, "item")), "snapshot_mismatch", "lines"),
    "a line that signs more": (
        lambda s: s["lines"].append({**line(s, "item"), "unit": "note", "fields": ["note"],
                                     "value": {"note": None}}), "snapshot_mismatch", "lines"),
    "value of no field": (
        lambda s: line(s, "item")["value"].update(note=None), "snapshot_mismatch", "lines.item.value"),
    "no hand": (lambda s: s.update(strokes=[]), "signature_incomplete", "strokes"),
    "a foreign name": (
        lambda s: s.update(strokes=[], typed_name="别人"), "signature_incomplete", "strokes"),
    "a foreign name beside a hand": (
        lambda s: s.update(typed_name="别人"), "snapshot_mismatch", "typed_name"),
    "no PIN": (lambda s: s.update(identified={"by": "none"}), "signature_incomplete", "identified"),
    "a PIN of no version": (
        lambda s: s.update(identified={"by": "pin"}), "signature_incomplete", "identified"),
    "refused without reason": (
        lambda s: s.update(refused(reason=None)), "signature_incomplete", "reason"),
    "absent for a blank": (
        lambda s: s.update(refused(act="absent", reason="  ")), "signature_incomplete", "reason"),
    "refused by hand": (
        lambda s: s.update(refused(strokes=[[[1, 1, 0]]])), "snapshot_mismatch", "strokes"),
    "of no check": (lambda s: s.update(check=new_id()), "not_found", ""),
    "the same finding twice": (
        lambda s: s["findings"].append(first(s)), "snapshot_mismatch", "findings"),
}  # fmt: skip


@pytest.mark.embedded
@pytest.mark.parametrize("case", INSIDE)
def test_what_the_snapshot_says_is_what_was_there(signing: Signing, case: str) -> None:
    """Signed with the right key, and its record agrees: yet it is not what the screen can have shown."""
    alter, code, detail = INSIDE[case]
    found, where = signing.verdict(signing.altered(alter))
    assert (found, where.split(" ")[0] if detail else "") == (code, detail)


def test_a_finding_of_another_check_parks(signing: Signing) -> None:
    other = Finding(signing.lead, description="灯不亮")
    signing.applied(other.evaluate(responsible_person=TANG_ZHIQIANG.id))
    change = signing.altered(lambda shown: shown.update(check=other.check))
    assert signing.verdict(change) == ("snapshot_mismatch", f"findings {signing.finding.id}")


@pytest.mark.parametrize(
    "field, value",
    [
        ("act", "absent"), ("signer", YAO_CHUNYAN.id), ("witness", YAO_CHUNYAN.id), ("reason", "别的"),
        ("signed_at", "2026-11-03T10:20:01+08:00"), ("clock_offset_ms", 0),
    ],
)  # fmt: skip
def test_a_record_that_says_something_else_than_its_snapshot_parks(
    signing: Signing, field: str, value: Any
) -> None:
    change = signing.sign(signing.shown())
    change["set"][field] = value
    assert signing.verdict(change) == ("snapshot_mismatch", field)


def test_a_record_with_other_lines_or_another_name_parks(signing: Signing) -> None:
    change = signing.sign(signing.shown())
    change["set"]["lines"] = change["set"]["lines"][:-1]
    assert signing.verdict(change) == ("snapshot_mismatch", "lines")
    change = signing.sign(signing.shown())
    change["record"] = new_id()
    assert signing.verdict(change) == ("snapshot_mismatch", "snapshot.signature")


def test_an_earlier_version_is_stored_and_says_so(signing: Signing) -> None:
    """Always stored (`protocol.md` section 8): what was signed was signed."""
    shown = signing.shown()
    other = signing.finding.patch(
        {"description": "墙面有污迹，约两米"}, {"description": signing.finding.change}
    )
    signing.applied(other)
    change = signing.sign(shown)
    signing.applied(change)
    assert signing.lead.pull(QINGYANLI)[change["record"]]["data"]["outcome"] == "earlier_version"


def test_an_earlier_version_with_values_that_it_never_had_parks(signing: Signing) -> None:
    shown = json.loads(canonical(signing.shown()))
    first(shown)["description"] = line(shown, "description")["value"]["description"] = "从未写过"
    signing.applied(
        signing.finding.patch({"description": "墙面已擦净"}, {"description": signing.finding.change})
    )
    assert signing.verdict(signing.sign(shown)) == (
        "snapshot_mismatch",
        f"lines.description {signing.finding.id}",
    )


def test_a_rival_version_is_stored_and_says_so(signing: Signing, other) -> None:
    """姚春燕 evaluates offline and has it signed; what she evaluated became a rival meanwhile."""
    finding = Finding(signing.lead, description="灯不亮")
    mine = finding.evaluate(**{"class": "MIN"}, responsible_person=TANG_ZHIQIANG.id)
    signing.applied(finding.evaluate(responsible_person=TANG_ZHIQIANG.id))
    assert other.save(QINGYANLI, mine)["status"] == "conflict"
    sign_in_with(other, key := DeviceKey())
    change = signature(other, key, [finding.id], TANG_ZHIQIANG)
    shown = json.loads(change["set"]["snapshot"])
    first(shown)["class"]["code"] = line(shown, "evaluation")["value"]["class"] = "MIN"
    line(shown, "evaluation")["version"] = mine["id"]
    signing.key, signing.lead = key, other
    change = signing.sign(shown)
    signing.applied(change)
    assert other.pull(QINGYANLI)[change["record"]]["data"]["outcome"] == "earlier_version"


def test_a_version_of_a_discarded_commit_parks(signing: Signing, estate) -> None:
    """What was signed was given up in review: it never was in the log, so nobody can have signed it."""
    wrong = signing.finding.evaluate(base=signing.evaluated["id"], disposition="return_replace")
    wrong["base"]["state"], wrong["set"]["due_at"] = new_id(), None
    commit = signing.lead.commit(wrong)
    [result] = signing.lead.push(QINGYANLI, commit)
    assert result["status"] == "parked", result
    shown = json.loads(canonical(signing.shown()))
    line(shown, "evaluation")["version"] = wrong["id"]
    held = signing.lead.commit(signing.sign(shown))
    [result] = signing.lead.push(QINGYANLI, held)
    assert result["reason"]["code"] == "waiting"
    reviewer = estate.tablet(ZENG_KE)
    assert reviewer.post(f"/parked/{commit['id']}/discard", json={"reason": "填错了"}).status_code == 200
    [result] = signing.lead.push(QINGYANLI, held)
    assert (result["reason"]["code"], result["reason"]["detail"]) == (
        "snapshot_mismatch",
        f"lines.evaluation.version {signing.finding.id}",
    )


def test_photos_of_other_tablets_that_it_could_not_show_are_no_reason(signing: Signing, other) -> None:
    """Lists merge without a base: 姚春燕 added a photo, which 何桂兰's tablet had not pulled."""
    shown = signing.shown()
    pinned = {"id": new_id(), "value": signing.photo}
    assert (
        other.save(QINGYANLI, signing.finding.patch({}, {}, add={"photos": [pinned]}))["status"] == "applied"
    )
    tagged = signing.finding.patch({}, {}, add={"photos": [{"id": new_id(), "value": signing.photo}]})
    signing.applied(tagged)
    [added] = tagged["add"]["photos"]
    line(shown, "photos")["version"] = tagged["id"]
    line(shown, "photos")["value"]["photos"].append(added)
    first(shown)["photos"].append(dict(first(shown)["photos"][0]))
    signing.applied(signing.sign(shown))


def test_rights_come_first(signing: Signing, estate) -> None:
    """Who may not sign at all is told that, and nothing of the hand."""
    strange = estate.tablet(YAO_CHUNYAN)
    change = signing.sign(signing.shown())
    change["set"]["device_signature"] = "A" * 86
    result = strange.save(QINGYANLI, change)
    assert result["reason"]["code"] == "forbidden"


def test_one_bad_signature_holds_up_nobody_else(signing: Signing) -> None:
    good, bad = signing.sign(signing.shown()), signing.sign(signing.shown(strokes=[]))
    lead = signing.lead
    results = lead.push(QINGYANLI, lead.commit(bad), lead.commit(good))
    assert [result["status"] for result in results] == ["parked", "applied"]
