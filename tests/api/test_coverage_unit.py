"""What stands behind a cell: checks with results, findings, photos and what they are worth."""

from __future__ import annotations

from typing import Any

import pytest

from server.failures import Failure
from tests.api.estate import (
    LUO_XIUFEN,
    P019,
    P019_A1,
    P029,
    P029_A1,
    SHEN_GUODONG,
    Estate,
    finding_of,
    photo_of,
)
from tests.evidence.desk import body, metadata, sha256
from tests.evidence.pictures import photo, png_that_says
from tests.factories import create, inspection, new_id, patch
from tests.people import HE_GUILAN, QINGYANLI, YAO_CHUNYAN, ZENG_KE

PICTURE = photo(7)


@pytest.fixture(autouse=True)
def later(estate: Estate) -> None:
    """Three weeks after the start, at ten in the morning."""
    estate.still.set("2026-11-23T10:00:00+08:00")


def failed_check(estate: Estate, *hashes: str, **photo_fields: Any) -> tuple[str, list[str]]:
    """何桂兰 finds a cobweb and takes photos of it; ids of the check and the photos."""
    check, photos = new_id(), [new_id() for _ in hashes]
    parts = [photo_of(HE_GUILAN, check, P029_A1, sha, record=id, item="CL-04", **photo_fields)
             for id, sha in zip(photos, hashes, strict=True)]  # fmt: skip
    results = [{"item": "CL-01", "result": "conform"},
               {"item": "CL-04", "result": "nonconform", "note": "蛛网", "photos": photos}]  # fmt: skip
    estate.tablet(HE_GUILAN).check(
        P029_A1, "2026-11-23T09:00:00+08:00", *parts, finding_of(check, P029_A1, tuple(photos)),
        id=check, results=results, result="nonconform",
    )  # fmt: skip
    return check, photos


def test_a_check_is_shown_with_its_results_findings_and_photos(estate: Estate) -> None:
    check, [photo_id] = failed_check(estate, sha256(PICTURE))
    behind = estate.tablet(ZENG_KE).behind(P029_A1)
    assert behind["unit"]["state"] == "covered"
    assert behind["post"] == {"id": P029, "code": "P029", "name": "1号楼保洁岗", "name_en": None}
    assert behind["inspector"] == {"id": HE_GUILAN.id, "name": "何桂兰"}
    assert [(row["device"], row["unsent"]) for row in behind["devices"]] == [(HE_GUILAN.tablet, 0)]
    [row] = behind["checks"]
    assert (row["id"], row["counts"], row["why_not"], row["result"]) == (check, True, None, "nonconform")
    assert (row["score"], row["conformity"]) == (40.0, 50.0), "weight 2 of 5, one item of two"
    assert (row["arrived_late"], row["clock_skewed"], row["business_date"]) == (False, False, "2026-11-23")
    assert row["results"][1] == {
        "item": "CL-04", "name": "项目 CL-04", "name_en": "item CL-04", "criterion": "标准 CL-04",
        "discipline": "CL", "weight": 3, "result": "nonconform", "note": "蛛网", "no_photo_reason": None,
        "photos": [photo_id],
    }  # fmt: skip
    [found] = row["findings"]
    assert (found["item"], found["description"], found["state"], found["photos"]) == (
        "CL-04", "墙面有污迹", "open", [photo_id],
    )  # fmt: skip
    assert (found["proposed_class"], found["class"]) == ("GEN", None)
    [shown] = row["photos"]
    assert (shown["id"], shown["item"], shown["state"], shown["reason"]) == (
        photo_id,
        "CL-04",
        "waiting",
        None,
    )


def test_a_failed_serious_item_caps_the_score(estate: Estate) -> None:
    estate.still.set("2026-11-24T08:00:00+08:00")
    results = [{"item": "SO-01", "result": "nonconform", "note": "未登记", "no_photo_reason": "人员在场"}]
    estate.tablet(SHEN_GUODONG).check(
        P019_A1, "2026-11-24T02:00:00+08:00", results=results, result="nonconform"
    )
    [row] = estate.tablet(ZENG_KE).behind(P019_A1)["checks"]
    assert (row["score"], row["business_date"], row["counts"]) == (0.0, "2026-11-23", True)


def test_one_check_by_its_id(estate: Estate) -> None:
    check, _ = failed_check(estate, sha256(PICTURE))
    tablet = estate.tablet(ZENG_KE)
    answer = tablet.get(f"/checks/{QINGYANLI}/{check}").get_json()
    assert (answer["unit"]["code"], answer["post"]["code"]) == ("P029-A1", "P029")
    assert answer["check"] == tablet.behind(P029_A1)["checks"][0]
    for unknown in (new_id(), "x", "%00"):
        assert tablet.get(f"/checks/{QINGYANLI}/{unknown}").status_code == 404


def test_the_state_of_a_photo_follows_its_bytes(estate: Estate) -> None:
    """Waiting for good, waiting then held, and refused with words in both languages."""
    bomb = png_that_says(8_000, 8_000)
    check = new_id()
    hashes = {sha256(PICTURE): "image/jpeg", sha256(bomb): "image/png", "0" * 64: "image/jpeg"}
    parts = [photo_of(HE_GUILAN, check, P029_A1, sha, mime=mime) for sha, mime in hashes.items()]
    tablet = estate.tablet(HE_GUILAN)
    tablet.check(P029_A1, "2026-11-23T09:00:00+08:00", *parts, id=check)
    desk = estate.services.parts["tus"]
    upload = desk.create(HE_GUILAN.id, str(len(PICTURE)), metadata(sha256(PICTURE), "image/jpeg"))
    desk.receive(HE_GUILAN.id, upload.id, "0", None, body(PICTURE))
    upload = desk.create(HE_GUILAN.id, str(len(bomb)), metadata(sha256(bomb), "image/png"))
    with pytest.raises(Failure, match="blob_refused"):
        desk.receive(HE_GUILAN.id, upload.id, "0", None, body(bomb))
    shown = {row["sha256"]: row for row in tablet.behind(P029_A1)["checks"][0]["photos"]}
    assert shown[sha256(PICTURE)]["state"] == "held"
    assert shown["0" * 64]["state"] == "waiting"
    refused = shown[sha256(bomb)]
    assert (refused["state"], refused["reason_code"]) == ("refused", "too_many_pixels")
    assert "像素" in refused["reason"]
    assert "pixels" in refused["reason_en"]


def test_checks_come_newest_first_and_page_by_page(estate: Estate) -> None:
    tablet = estate.tablet(HE_GUILAN)
    same_instant = "2026-11-20T09:00:00+08:00"
    made = [tablet.check(P029, moment) for moment in ("2026-11-18T09:00:00+08:00", same_instant, same_instant,
                                                      "2026-11-23T09:00:00+08:00")]  # fmt: skip
    newest_first = [made[3], *sorted(made[1:3], reverse=True), made[0]]
    first = tablet.behind(P029, limit=2)
    assert [row["id"] for row in first["checks"]] == newest_first[:2]
    assert first["more"] is True
    rest = tablet.behind(P029, limit=2, before=first["checks"][-1]["id"])
    assert [row["id"] for row in rest["checks"]] == newest_first[2:]
    assert rest["more"] is False
    assert tablet.behind(P029, before=new_id())["checks"] == []


def test_a_check_that_came_after_its_day_is_marked_late(estate: Estate) -> None:
    tablet = estate.tablet(HE_GUILAN)
    tablet.check(P029, "2026-11-20T09:00:00+08:00")
    row = tablet.behind(P029)["checks"][0]
    assert (row["arrived_late"], row["arrived_at"]) == (True, "2026-11-23T10:00:00.000+08:00")
    assert row["device"] == {"device": HE_GUILAN.tablet, "name": "t07 平板", "person": HE_GUILAN.id}


def test_who_may_not_read_a_part_does_not_see_it(estate: Estate) -> None:
    """A photo for the management only: the lead sees the check without it."""
    check, id = new_id(), new_id()
    hidden = photo_of(HE_GUILAN, check, P029_A1, sha256(PICTURE), record=id) | {"audience": ["management"]}
    estate.tablet(HE_GUILAN).check(P029_A1, "2026-11-23T09:00:00+08:00", hidden, id=check)
    for person, seen in ((HE_GUILAN, []), (LUO_XIUFEN, []), (YAO_CHUNYAN, [id]), (ZENG_KE, [id])):
        [row] = estate.tablet(person).behind(P029_A1)["checks"]
        assert [part["id"] for part in row["photos"]] == seen, person.name


def test_the_checks_of_a_voided_inspection_count_no_more(estate: Estate) -> None:
    tablet = estate.tablet(HE_GUILAN)
    round_of_day = inspection(HE_GUILAN)
    data = {"inspection": round_of_day["record"], "unit": P029, "post": P029, "level": "daily",
            "inspector": HE_GUILAN.id, "business_date": "2026-11-23", "standard_version": 1,
            "started_at": "2026-11-23T09:00:00+08:00", "ended_at": "2026-11-23T09:05:00+08:00",
            "results": [{"item": "GM-01", "result": "conform"}], "result": "conform"}  # fmt: skip
    assert tablet.save(QINGYANLI, round_of_day, create("area_check", data))["status"] == "applied"
    assert tablet.states()[P029] == "covered"
    estate.bring(QINGYANLI, patch("inspection", round_of_day["record"], {"state": round_of_day["id"]},
                                  {"state": "voided"}))  # fmt: skip
    assert tablet.states()[P029] == "overdue"
    assert tablet.behind(P029)["checks"][0]["why_not"] == "incomplete"


def test_a_unit_that_is_none_is_not_found(estate: Estate) -> None:
    tablet = estate.tablet(ZENG_KE)
    for unit in (new_id(), "x", HE_GUILAN.id):
        answer = tablet.get(f"/coverage/{QINGYANLI}/units/{unit}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


def test_a_later_patch_of_a_check_keeps_when_it_arrived(estate: Estate) -> None:
    tablet = estate.tablet(HE_GUILAN)
    made = tablet.check(P029, "2026-11-23T09:00:00+08:00")
    created = tablet.pull(QINGYANLI)[made]["created_by_change"]
    estate.still.set("2026-11-24T10:00:00+08:00")
    remark = patch("area_check", made, {"remark": created}, {"remark": "已复查"})
    assert tablet.save(QINGYANLI, remark)["status"] == "applied"
    row = tablet.behind(P029)["checks"][0]
    assert (row["remark"], row["arrived_at"], row["counts"]) == (
        "已复查", "2026-11-23T10:00:00.000+08:00", True,
    )  # fmt: skip


def test_a_check_that_names_another_post_than_its_units_does_not_count(estate: Estate) -> None:
    estate.tablet(HE_GUILAN).check(P029_A1, "2026-11-23T09:00:00+08:00", post=P019)
    [row] = estate.tablet(ZENG_KE).behind(P029_A1)["checks"]
    assert (row["counts"], row["why_not"]) == (False, "incomplete")


def test_a_check_of_a_time_to_come_counts_only_once_that_has_come(estate: Estate) -> None:
    """A clock gone astray without a known offset: the board and the list must tell the same."""
    check = new_id()
    estate.tablet(HE_GUILAN).check(P029_A1, "2026-11-23T11:30:00+08:00", id=check)

    def worth() -> tuple[str, bool, str | None]:
        behind = estate.tablet(ZENG_KE).behind(P029_A1)
        [row] = behind["checks"]
        return behind["unit"]["state"], row["counts"], row["why_not"]

    state, counts, why_not = worth()
    assert (state != "covered", counts, why_not) == (True, False, "ahead_of_time")
    estate.still.set("2026-11-23T11:40:00+08:00")
    assert worth() == ("covered", True, None)
