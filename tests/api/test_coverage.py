"""Every state of the three-working-day rule, on days counted by hand (domain 4).

November 2026 has no holiday: Monday the 2nd is the first working day, and weekends are free.
"""

from __future__ import annotations

import pytest

from tests.api.estate import (
    DAY_UNITS,
    LUO_XIUFEN,
    P019,
    P019_A1,
    P029,
    P029_A1,
    P029_A2,
    SHEN_GUODONG,
    T07,
    Estate,
)
from tests.factories import create
from tests.people import HE_GUILAN, QINGYANLI, ZENG_KE


def test_a_new_unit_is_due_on_its_third_working_day_and_overdue_after_the_grace(estate: Estate) -> None:
    reader = estate.tablet(ZENG_KE)
    seen = {}
    for moment in ("2026-11-02T08:00", "2026-11-03T08:00", "2026-11-04T23:59", "2026-11-05T00:00",
                   "2026-11-05T23:59", "2026-11-06T00:00"):  # fmt: skip
        estate.still.set(f"{moment}:00+08:00")
        seen[moment] = reader.states()[P029]
    assert list(seen.values()) == [
        "never_checked", "due_soon", "due_soon", "unconfirmed", "unconfirmed", "overdue",
    ]  # fmt: skip
    assert reader.coverage()[P029]["due_on"] == "2026-11-04"


def test_a_check_on_friday_covers_until_wednesday(estate: Estate) -> None:
    tablet = estate.tablet(HE_GUILAN)
    estate.still.set("2026-11-20T10:00:00+08:00")
    check = tablet.check(P029, "2026-11-20T09:00:00+08:00")
    row = tablet.coverage()[P029]
    assert (row["state"], row["due_on"], row["last_checked_on"]) == ("covered", "2026-11-25", "2026-11-20")
    assert (row["last_check"], row["working_days_left"]) == (check, 3)
    assert (row["inspector"], row["team"], row["unsent"]) == (HE_GUILAN.id, T07, 0)
    assert row["last_contact_at"] == "2026-11-20T10:00:00.000+08:00"


def test_a_due_unit_stays_unconfirmed_until_its_inspector_s_tablet_has_sent_everything(
    estate: Estate,
) -> None:
    tablet = estate.tablet(HE_GUILAN)
    estate.still.set("2026-11-20T10:00:00+08:00")
    tablet.check(P029, "2026-11-20T09:00:00+08:00")
    estate.still.set("2026-11-26T00:00:00+08:00")
    assert tablet.states()[P029] == "unconfirmed"
    estate.still.set("2026-11-26T08:00:00+08:00")
    tablet.heartbeat(unsent=3)
    assert tablet.states()[P029] == "unconfirmed", "it holds something: perhaps this check"
    estate.still.set("2026-11-26T08:01:00+08:00")
    estate.tablet(SHEN_GUODONG).heartbeat(unsent=0)
    assert tablet.states()[P029] == "unconfirmed", "another's tablet says nothing about it"
    estate.still.set("2026-11-26T08:02:00+08:00")
    tablet.heartbeat(unsent=0)
    row = tablet.coverage()[P029]
    assert (row["state"], row["working_days_left"]) == ("overdue", -1)


def test_a_check_made_in_time_and_synced_late_withdraws_the_breach_and_leaves_a_trace(estate: Estate) -> None:
    tablet = estate.tablet(HE_GUILAN)
    estate.still.set("2026-11-20T10:00:00+08:00")
    tablet.check(P029, "2026-11-20T09:00:00+08:00")
    estate.still.set("2026-11-27T09:59:00+08:00")
    assert tablet.states()[P029] == "overdue", "the grace ended at midnight"
    raised = tablet.behind(P029)["breaches"][0]
    assert (raised["due_on"], raised["withdrawn_at"], raised["working_days_late"]) == ("2026-11-25", None, 2)

    estate.still.set("2026-11-27T10:00:00+08:00")
    tablet.check(P029, "2026-11-25T16:00:00+08:00")
    row = tablet.coverage()[P029]
    assert (row["state"], row["last_checked_on"], row["due_on"]) == ("due_soon", "2026-11-25", "2026-11-30")
    withdrawn = tablet.behind(P029)["breaches"][0]
    assert withdrawn == {
        "due_on": "2026-11-25",
        "inspector": {"id": HE_GUILAN.id, "name": "何桂兰"},
        "working_days_late": 0,
        "raised_at": "2026-11-27T00:00:00.000+08:00",
        "ended_on": "2026-11-25",
        "withdrawn_at": "2026-11-27T10:00:00.000+08:00",
        "note": "late_sync",
    }


def test_when_a_breach_was_raised_is_remembered_after_later_contacts(estate: Estate) -> None:
    """On the 26th the tablet had nothing unsent, so the breach was known that morning, not a day later."""
    tablet = estate.tablet(HE_GUILAN)
    estate.still.set("2026-11-20T10:00:00+08:00")
    tablet.check(P029, "2026-11-20T09:00:00+08:00")
    for moment in (
        "2026-11-26T07:30:00",
        "2026-11-26T09:00:00",
        "2026-11-27T09:00:00",
        "2026-11-30T09:00:00",
    ):
        estate.still.set(f"{moment}+08:00")
        tablet.heartbeat(unsent=0)
    breach = tablet.behind(P029)["breaches"][0]
    assert (breach["due_on"], breach["raised_at"]) == ("2026-11-25", "2026-11-26T07:30:00.000+08:00")


def test_a_night_shift_belongs_to_the_day_it_began_and_turns_overdue_when_it_ends(estate: Estate) -> None:
    tablet = estate.tablet(SHEN_GUODONG)
    estate.still.set("2026-11-26T03:00:00+08:00")
    tablet.check(P019, "2026-11-26T02:00:00+08:00")
    row = tablet.coverage()[P019]
    assert (row["last_checked_on"], row["due_on"]) == ("2026-11-25", "2026-11-30")
    estate.still.set("2026-12-01T06:59:00+08:00")
    assert tablet.states()[P019] == "due_soon"
    estate.still.set("2026-12-01T07:00:00+08:00")
    assert tablet.states()[P019] == "unconfirmed"
    tablet.heartbeat(unsent=0)
    assert tablet.states()[P019] == "overdue"


@pytest.mark.parametrize(
    "offset, business_date", [(0, "2026-11-26"), (3600, "2026-11-25"), (-10 * 365 * 86_400, "2036-11-23")]
)
def test_the_commit_s_own_clock_corrects_the_time_that_counts(
    estate: Estate, offset: int, business_date: str
) -> None:
    """The device is an hour ahead: its half past midnight was half past eleven."""
    estate.still.set("2026-11-26T09:00:00+08:00")
    tablet = estate.tablet(HE_GUILAN)
    check = tablet.check(P029, "2026-11-26T00:30:00+08:00", offset=offset, clock_offset_ms=0)
    row = tablet.behind(P029)["checks"][0]
    assert (row["id"], row["business_date"], row["ended_at"]) == (
        check, business_date, "2026-11-26T00:30:00+08:00",
    )  # fmt: skip
    assert row["clock_skewed"] is (offset != 0)


def test_only_the_inspector_or_his_deputy_counts(estate: Estate) -> None:
    estate.still.set("2026-11-04T10:00:00+08:00")
    stranger = estate.tablet(LUO_XIUFEN)
    check = stranger.check(P029, "2026-11-04T09:00:00+08:00")
    assert stranger.states()[P029] == "due_soon"
    behind = stranger.behind(P029)["checks"][0]
    assert (behind["id"], behind["counts"], behind["why_not"]) == (check, False, "not_in_scope")

    estate.bring(QINGYANLI, create("deputy_appointment", {
        "inspector": HE_GUILAN.id, "deputy": LUO_XIUFEN.id, "starts_on": "2026-11-04",
        "ends_on": "2026-11-06",
    }))  # fmt: skip
    assert stranger.states()[P029] == "covered"
    behind = stranger.behind(P029)
    assert behind["checks"][0]["counts"] is True
    assert behind["acting_deputy"] == {"id": LUO_XIUFEN.id, "name": "罗秀芬"}
    assert [row["person"] for row in behind["devices"]] == [LUO_XIUFEN.id]


def test_a_weekly_check_does_not_count_for_the_daily_rule(estate: Estate) -> None:
    estate.still.set("2026-11-04T10:00:00+08:00")
    tablet = estate.tablet(HE_GUILAN)
    check = tablet.check(P029, "2026-11-04T08:00:00+08:00")
    data = {"unit": P029, "post": P029, "level": "weekly", "inspector": HE_GUILAN.id,
            "business_date": "2026-11-04", "standard_version": 1, "started_at": "2026-11-04T08:55:00+08:00",
            "ended_at": "2026-11-04T09:00:00+08:00", "results": [{"item": "GM-01", "result": "conform"}],
            "result": "conform"}  # fmt: skip
    round_of_week = create("inspection", {"level": "weekly", "inspector": HE_GUILAN.id, "unplanned": False,
                                          "business_date": "2026-11-04", "state": "in_progress",
                                          "started_at": "2026-11-04T08:55:00+08:00"})  # fmt: skip
    estate.bring(QINGYANLI, round_of_week,
                 create("area_check", {"inspection": round_of_week["record"], **data}))  # fmt: skip
    assert tablet.coverage()[P029]["last_check"] == check
    assert [(row["level"], row["why_not"]) for row in tablet.behind(P029)["checks"]] == [
        ("weekly", "wrong_level"), ("daily", None),
    ]  # fmt: skip


NO_PHOTO = {"item": "CL-04", "result": "nonconform", "note": "蛛网"}
INCOMPLETE = {
    "an item is open": [{"item": "CL-01", "result": "conform"}],
    "no note": [{"item": "CL-01", "result": "nonconform"}, {"item": "CL-04", "result": "conform"}],
    "no photo and no reason": [{"item": "CL-01", "result": "conform"}, NO_PHOTO],
    "an item of another unit": [{"item": code, "result": "conform"} for code in ("CL-01", "CL-04", "SO-01")],
}  # fmt: skip


@pytest.mark.parametrize("results", INCOMPLETE.values(), ids=INCOMPLETE)
def test_an_incomplete_check_does_not_count(estate: Estate, results: list[dict[str, str]]) -> None:
    estate.still.set("2026-11-04T10:00:00+08:00")
    tablet = estate.tablet(HE_GUILAN)
    tablet.check(P029_A1, "2026-11-04T09:00:00+08:00", results=results)
    assert tablet.states()[P029_A1] == "due_soon"
    assert tablet.behind(P029_A1)["checks"][0]["why_not"] == "incomplete"


def test_a_reason_stands_for_a_photo_that_cannot_be_taken(estate: Estate) -> None:
    estate.still.set("2026-11-04T10:00:00+08:00")
    tablet = estate.tablet(HE_GUILAN)
    excused = {**NO_PHOTO, "no_photo_reason": "有业主在场"}
    tablet.check(
        P029_A1, "2026-11-04T09:00:00+08:00", results=[{"item": "CL-01", "result": "conform"}, excused]
    )
    assert tablet.states()[P029_A1] == "covered"


def test_a_post_is_covered_only_when_all_its_units_are(estate: Estate) -> None:
    estate.still.set("2026-11-04T10:00:00+08:00")
    tablet = estate.tablet(HE_GUILAN)
    for unit in (P029, P029_A1):
        tablet.check(unit, "2026-11-04T09:00:00+08:00")
    estate.still.set("2026-11-06T08:00:00+08:00")
    posts = {row["post"]: row for row in tablet.get(f"/coverage/{QINGYANLI}").get_json()["posts"]}
    assert (posts[P029]["covered"], posts[P029]["missing"]) == (False, [P029_A2])
    assert (posts[P029]["state"], posts[P029]["code"]) == ("overdue", "P029")
    tablet.check(P029_A2, "2026-11-06T07:50:00+08:00")
    posts = {row["post"]: row for row in tablet.get(f"/coverage/{QINGYANLI}").get_json()["posts"]}
    assert (posts[P029]["covered"], posts[P029]["missing"]) == (True, [])


def test_a_pause_takes_the_areas_along_and_ends_as_a_new_unit(estate: Estate) -> None:
    estate.bring(QINGYANLI, create("pause", {
        "unit": P029, "with_areas": True, "cause": "construction", "reason": "大堂翻新",
        "starts_on": "2026-11-23", "ends_on": "2026-11-27",
    }))  # fmt: skip
    reader = estate.tablet(ZENG_KE)
    estate.still.set("2026-11-25T09:00:00+08:00")
    assert {reader.states()[unit] for unit in DAY_UNITS} == {"paused"}
    estate.still.set("2026-11-30T09:00:00+08:00")
    assert {reader.coverage()[unit]["due_on"] for unit in DAY_UNITS} == {"2026-12-02"}


def test_the_night_area_follows_its_post(estate: Estate) -> None:
    estate.still.set("2026-11-05T06:59:00+08:00")
    states = estate.tablet(ZENG_KE).states()
    assert (states[P029], states[P019_A1]) == ("unconfirmed", "due_soon")
