"""The board over time and over projects: other moments, history, overview, rights, and what is remembered.

November 2026 has no holiday: Monday the 2nd is the first working day, and weekends are free.
"""

from __future__ import annotations

import pytest

from tests.api.estate import (
    DAY_UNITS,
    LUO_XIUFEN,
    NIGHT_UNITS,
    P029,
    SHEN_GUODONG,
    T07,
    Estate,
)
from tests.people import HE_GUILAN, HEADQUARTERS, LEAD_AT_XIQIAO, QINGYANLI, XIQIAO, YAO_CHUNYAN, ZENG_KE

# What the board reads is read on each database by test_coverage.py and test_coverage_unit.py.
pytestmark = pytest.mark.embedded


def test_coverage_of_another_moment(estate: Estate) -> None:
    """A day stands for its end; a moment is taken as it is, with or without an escaped plus sign."""
    tablet = estate.tablet(HE_GUILAN)
    estate.still.set("2026-11-20T10:00:00+08:00")
    tablet.check(P029, "2026-11-20T09:00:00+08:00")
    estate.still.set("2026-12-15T10:00:00+08:00")
    assert tablet.states(at="2026-11-20")[P029] == "covered"
    assert tablet.states(at="2026-11-20T08:00:00+08:00")[P029] == "overdue"
    assert tablet.states(at="2026-11-25")[P029] == "due_soon"
    assert tablet.states(at="2026-11-27")[P029] == "overdue"
    assert tablet.states(at="2026-11-24T10:00:00 08:00")[P029] == "due_soon"
    assert tablet.states(at="2026-10-30") == {}, "nothing to cover before the start"
    assert tablet.states(at="2026-12-15") == tablet.states()


@pytest.mark.parametrize(
    "at",
    [
        "yesterday",
        "2026-13-01",
        "2026-11-23T09:00:00",
        "2026-W48-1",
        "20261123",
        "0001-01-01",
        "9999-12-31",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-11-23T09:00:00+99:00",
    ],
)
def test_a_moment_that_is_none_is_refused(estate: Estate, at: str) -> None:
    assert estate.tablet(HE_GUILAN).get(f"/coverage/{QINGYANLI}", at=at).status_code == 422


def test_old_checks_still_count_when_nothing_came_after_them(estate: Estate) -> None:
    """More than the usual window ago; a check by somebody else since then does not hide it."""
    estate.still.set("2026-11-04T10:00:00+08:00")
    check = estate.tablet(HE_GUILAN).check(P029, "2026-11-04T09:00:00+08:00")
    estate.still.set("2027-03-01T10:00:00+08:00")
    estate.tablet(LUO_XIUFEN).check(P029, "2027-03-01T09:00:00+08:00")
    row = estate.tablet(ZENG_KE).coverage()[P029]
    assert (row["last_check"], row["last_checked_on"], row["state"]) == (check, "2026-11-04", "overdue")
    assert row["calendar_unconfirmed"] is False


def test_an_equal_question_is_answered_from_memory_until_something_moves(estate: Estate) -> None:
    estate.still.set("2026-11-04T10:00:00+08:00")
    tablet = estate.tablet(HE_GUILAN)
    board = estate.services.parts["coverage_board"]
    first = board.coverage(QINGYANLI)
    estate.still.set("2026-11-04T10:00:59+08:00")
    assert board.coverage(QINGYANLI) is first, "same minute, nothing moved"
    tablet.heartbeat(unsent=2)
    assert board.coverage(QINGYANLI) is not first, "a contact moved"
    second = board.coverage(QINGYANLI)
    tablet.check(P029, "2026-11-04T09:00:00+08:00", unsent=2)
    assert board.coverage(QINGYANLI) is not second, "a head moved"
    third = board.coverage(QINGYANLI)
    estate.still.set("2026-11-04T10:01:00+08:00")
    assert board.coverage(QINGYANLI) is not third, "the minute turned"


def test_headquarters_has_nothing_to_cover(estate: Estate) -> None:
    answer = estate.tablet(ZENG_KE).get(f"/coverage/{HEADQUARTERS}").get_json()
    assert (answer["units"], answer["posts"], answer["groups"], answer["mode"]) == ([], [], [], "rolling")


def test_groups_name_what_units_belong_to(estate: Estate) -> None:
    groups = {
        row["id"]: row for row in estate.tablet(HE_GUILAN).get(f"/coverage/{QINGYANLI}").get_json()["groups"]
    }
    assert (groups[T07]["kind"], groups[T07]["name"], groups[T07]["lead"]) == (
        "team", "保洁一班", HE_GUILAN.id,
    )  # fmt: skip
    assert (groups[SHEN_GUODONG.id]["kind"], groups[SHEN_GUODONG.id]["name"]) == ("person", "沈国栋")


def test_a_space_that_one_may_not_read_looks_like_none(estate: Estate) -> None:
    stranger = estate.tablet(LEAD_AT_XIQIAO)
    check = estate.tablet(HE_GUILAN).check(P029, "2026-11-02T07:00:00+08:00")
    for path in ("", "/history", f"/units/{P029}"):
        for space in (QINGYANLI, "nowhere"):
            answer = stranger.get(f"/coverage/{space}{path}")
            assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found"), path
    assert stranger.get(f"/checks/{QINGYANLI}/{check}").status_code == 404
    assert stranger.get(f"/checks/{XIQIAO}/{check}").status_code == 404, "not through his own space either"
    assert estate.app.test_client().get(f"/api/v1/coverage/{QINGYANLI}").status_code == 401


def test_the_overview_counts_the_projects_that_one_may_read(estate: Estate) -> None:
    estate.still.set("2026-11-04T10:00:00+08:00")
    estate.tablet(HE_GUILAN).check(P029, "2026-11-04T09:00:00+08:00")
    projects = estate.tablet(ZENG_KE).get("/coverage").get_json()["projects"]
    assert [(row["space"], row["units"], row["posts"]) for row in projects] == [
        (QINGYANLI, 5, 2), (XIQIAO, 0, 0),
    ]  # fmt: skip
    assert projects[0]["counts"] == {
        "paused": 0, "unconfirmed": 0, "overdue": 0, "due_soon": 4, "never_checked": 0, "covered": 1,
    }  # fmt: skip
    assert projects[0]["posts_covered"] == 2
    own = estate.tablet(YAO_CHUNYAN).get("/coverage").get_json()["projects"]
    assert [row["space"] for row in own] == [QINGYANLI]


def test_history_tells_how_each_working_day_ended(estate: Estate) -> None:
    """Due on Wednesday the 4th; unconfirmed on the 5th (night: until 7 on the 6th); then overdue."""
    estate.still.set("2026-11-09T10:00:00+08:00")
    reader = estate.tablet(ZENG_KE)
    days = reader.get(f"/coverage/{QINGYANLI}/history", days=4).get_json()["days"]
    assert [tuple(day.values()) for day in days] == [
        ("2026-11-04", 2, 2, 0), ("2026-11-05", 2, 0, 0), ("2026-11-06", 2, 0, 5), ("2026-11-09", 2, 0, 5),
    ]  # fmt: skip
    tablet = estate.tablet(HE_GUILAN)
    for unit in DAY_UNITS:
        tablet.check(unit, "2026-11-04T12:00:00+08:00")
    days = reader.get(f"/coverage/{QINGYANLI}/history", days=60).get_json()["days"]
    assert [tuple(day.values()) for day in days] == [
        ("2026-11-02", 2, 2, 0), ("2026-11-03", 2, 2, 0), ("2026-11-04", 2, 2, 0), ("2026-11-05", 2, 1, 0),
        ("2026-11-06", 2, 1, len(NIGHT_UNITS)), ("2026-11-09", 2, 1, len(NIGHT_UNITS)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path, query",
    [("history", {"days": days}) for days in ("0", "61", "x", "-1", "１")]
    + [(f"units/{P029}", query) for query in ({"limit": "0"}, {"limit": "101"}, {"before": "x"})],
)
def test_questions_out_of_bounds_are_refused(estate: Estate, path: str, query: dict[str, str]) -> None:
    assert estate.tablet(HE_GUILAN).get(f"/coverage/{QINGYANLI}/{path}", **query).status_code == 422
