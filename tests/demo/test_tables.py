"""The demo is that of domain sections 7, 8, 9 and 11: nothing is missing, nothing was added."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from server.demo.accounts import ACCOUNTS, BY_PERSON
from server.demo.rounds import PARTS
from server.demo.story import PAUSES
from server.demo.tables import DATA, PROJECTS, check_items, inspectors, table, work_calendar

# Domain 9.1: lead, staff, posts, areas, units.
TEAMS = {
    "T01": ("林晓禾", 6, 4, 7, 11), "T02": ("周予安", 5, 4, 12, 16), "T03": ("高立诚", 9, 5, 10, 15),
    "T04": ("马启航", 9, 5, 10, 15), "T05": ("沈国栋", 9, 5, 10, 15), "T06": ("赵明睿", 9, 5, 8, 13),
    "T07": ("何桂兰", 9, 6, 18, 24), "T08": ("罗秀芬", 9, 6, 16, 22), "T09": ("唐志强", 9, 6, 13, 19),
    "T10": ("吴青山", 7, 5, 10, 15), "T11": ("孙建明", 8, 5, 10, 15), "T12": ("谢长林", 8, 4, 5, 9),
}  # fmt: skip
# Domain 9.3: inspector, check points, areas.
ITEMS = {"S01": ("邓启明", 2, 3), "S02": ("雷鸣岳", 2, 3), "S03": ("姚春燕", 2, 4), "O01": ("江一帆", 1, 2)}
OFF_2026 = (
    "01-01 01-03",
    "02-15 02-23",
    "04-04 04-06",
    "05-01 05-05",
    "06-19 06-21",
    "09-25 09-27",
    "10-01 10-07",
)
OFF_2025 = ("01-01 01-01", "01-28 02-04", "04-04 04-06", "05-01 05-05", "05-31 06-02", "10-01 10-08")
WORKING_2026 = {"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}
WORKING_2025 = {"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"}


def posts(space: str, group: str | None = None) -> list[dict[str, Any]]:
    return [post for post in table(space)["posts"] if group in (None, post.get("team"), post.get("item"))]


def areas(rows: list[dict[str, Any]]) -> int:
    return sum(len(post["areas"]) for post in rows)


def test_each_team_has_the_posts_areas_and_staff_of_the_domain() -> None:
    project = table("qyl")
    found = {
        team["code"]: (
            team["lead"],
            1 + len(team["members"]),
            len(posts("qyl", team["code"])),
            areas(posts("qyl", team["code"])),
            len(posts("qyl", team["code"])) + areas(posts("qyl", team["code"])),
        )
        for team in project["teams"]
    }
    assert found == TEAMS


def test_subcontracted_and_other_items_have_their_check_points() -> None:
    found = {
        item["code"]: (item["inspector"], len(posts("qyl", item["code"])), areas(posts("qyl", item["code"])))
        for item in table("qyl")["items"]
    }
    assert found == ITEMS


def test_the_totals_are_those_of_the_domain() -> None:
    of_teams = [post for post in posts("qyl") if "team" in post]
    assert (len(of_teams), areas(of_teams), len(of_teams) + areas(of_teams)) == (60, 129, 189)
    assert sum(len(head.units) for head in inspectors("qyl")) == 208
    assert sum(1 + len(team["members"]) for team in table("qyl")["teams"]) == 97
    assert len(people("qyl")) == 126
    assert (len(table("xqgy")["teams"]), len(posts("xqgy")), areas(posts("xqgy"))) == (2, 6, 10)


def people(space: str) -> list[str]:
    data = table(space)
    teams = data.get("teams", [])
    return [
        *(row["name"] for row in data["staff"]),
        *(team["lead"] for team in teams),
        *(name for team in teams for name in team["members"]),
    ]


def test_nobody_bears_the_name_of_another() -> None:
    names = [name for space in ("hq", *PROJECTS) for name in people(space)]
    assert len(names) == len(set(names))


def test_every_post_of_a_team_has_holders_from_that_team_and_every_member_a_post() -> None:
    for space in PROJECTS:
        members = {team["code"]: set(team["members"]) for team in table(space)["teams"]}
        on_posts: dict[str, set[str]] = {code: set() for code in members}
        for post in posts(space):
            if "team" in post:
                assert post["holders"], post["code"]
                on_posts[post["team"]].update(post["holders"])
        assert on_posts == members


def test_the_standard_has_88_items_in_8_disciplines_and_31_post_types() -> None:
    standard = table("standard")
    per_discipline = {"GM": 10, "CS": 11, "SO": 11, "CL": 12, "GR": 10, "EN": 12, "FS": 11, "DE": 11}
    found: dict[str, int] = {}
    for item in standard["items"]:
        found[item["code"][:2]] = found.get(item["code"][:2], 0) + 1
    assert found == per_discipline
    assert len(check_items()) == sum(per_discipline.values()) == 88
    assert len(standard["post_types"]) == 31
    by_code = {row["code"]: row["items"] for row in standard["post_types"]}
    assert by_code["clean_building"] == ["CL-01", "CL-02", "CL-03", "CL-04", "CL-05", "CL-12"]
    assert by_code["fire_patrol"] == [*(f"FS-0{n}" for n in range(1, 7)), "FS-09"]
    assert by_code["kitchen"] == ["GM-09", "CL-12"]


@pytest.mark.parametrize(
    ("code", "weight", "rule", "proposed"),
    [("GM-01", 5, "F", "GEN"), ("CS-10", 4, "N", "SER"), ("CL-04", 3, "F", "MIN"), ("DE-03", 5, "A", "SER"),
     ("EN-06", 5, "F", "SER"), ("FS-05", 4, "F", "GEN"), ("GR-05", 1, "F", "MIN"), ("SO-06", 5, "F", "SER")],
)  # fmt: skip
def test_items_carry_weight_photo_rule_and_class(code: str, weight: int, rule: str, proposed: str) -> None:
    row = next(row for row in table("standard")["items"] if row["code"] == code)
    assert (row["weight"], row["photo_rule"], row["proposed_class"]) == (weight, rule, proposed)


def test_every_item_that_a_post_type_or_an_area_names_exists() -> None:
    types = {row["code"]: row["items"] for row in table("standard")["post_types"]}
    named = {code for items in types.values() for code in items}
    assert named <= set(check_items())
    assert named | {f"GM-{n:02}" for n in range(1, 11)} == set(check_items())
    for space in PROJECTS:
        for post in posts(space):
            for _, _, *off in post["areas"]:
                assert set(off[0] if off else ()) < set(types[post["type"]]), post["code"]


def test_every_unit_has_items_and_every_item_has_words_for_what_may_be_wrong() -> None:
    for space in PROJECTS:
        assert all(unit.items for head in inspectors(space) for unit in head.units)
    problems = table("problems")
    assert set(problems) == set(check_items())
    assert all(notes and len(set(notes)) == len(notes) for notes in problems.values())


def test_inspectors_walk_in_parts_that_reach_every_shift_of_theirs() -> None:
    for space in PROJECTS:
        for head in inspectors(space):
            shifts = {shift for part in PARTS[head.code] for shift in part.shifts}
            assert {unit.shift for unit in head.units} <= shifts


def test_who_checks_and_who_pauses_can_sign_in() -> None:
    for space in PROJECTS:
        for head in inspectors(space):
            assert BY_PERSON[space, head.name].field
    units = {unit.code for head in inspectors("qyl") for unit in head.units}
    for unit, (_, _, approver) in PAUSES.items():
        assert unit in units
        assert ("qyl", approver) in BY_PERSON


def test_the_accounts_are_those_that_the_design_names() -> None:
    names = [account.username for account in ACCOUNTS]
    assert len(names) == len(set(names)) == 31
    assert {*(f"t{n:02}" for n in range(1, 13)), "director", "reviewer", "quality", "admin"} <= set(names)
    for account in ACCOUNTS:
        assert account.person in people(account.space)
    leads = {team["lead"]: team["code"] for space in PROJECTS for team in table(space)["teams"]}
    for lead, code in leads.items():
        assert next(one for one in ACCOUNTS if one.person == lead).username == code.lower()


def span(year: int, text: str) -> set[str]:
    first, last = (date.fromisoformat(f"{year}-{part}") for part in text.split())
    return {(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)}


@pytest.mark.parametrize(
    ("year", "off", "working"), [(2025, OFF_2025, WORKING_2025), (2026, OFF_2026, WORKING_2026)]
)
def test_the_calendar_lists_every_day_off_and_every_working_weekend(
    year: int, off: tuple[str, ...], working: set[str]
) -> None:
    row = next(row for row in table("calendar") if row["year"] == year)
    assert row["confirmed"]
    assert row["papers"]
    listed = {day["date"]: day["isOffDay"] for day in row["days"]}
    assert len(listed) == len(row["days"])
    assert {day for day, is_off in listed.items() if is_off} == set().union(
        *(span(year, text) for text in off)
    )
    assert {day for day, is_off in listed.items() if not is_off} == working
    assert all(day["name"] for day in row["days"])


def test_2026_has_248_working_days_and_2027_is_unconfirmed() -> None:
    calendar = work_calendar()
    assert calendar.working_days_between(date(2025, 12, 31), date(2026, 12, 31)) == 248
    assert calendar.is_confirmed(date(2025, 6, 1))
    assert not calendar.is_confirmed(date(2027, 6, 1))
    assert next(row for row in table("calendar") if row["year"] == 2027)["days"] == []


def test_chinese_texts_are_written_with_full_width_punctuation() -> None:
    half_width = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")
    for path in sorted(DATA.glob("*.json")):
        assert not half_width.findall(path.read_text(encoding="utf-8")), path.name


def named_rows(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [
            *([value] if "name" in value else []),
            *(row for one in value.values() for row in named_rows(one)),
        ]
    return [row for one in value for row in named_rows(one)] if isinstance(value, list) else []


def test_every_name_stands_in_both_languages() -> None:
    for name in ("standard", "tables", "qyl", "xqgy", "hq"):
        for row in named_rows(table(name)):
            english = row.get("name_en") or row.get("title_en")
            assert english, row
            assert not re.search(r"[\u4e00-\u9fff]", english), row
    for space in PROJECTS:
        for post in posts(space):
            assert all(english and english.isascii() for _, english, *_ in post["areas"])


def test_everything_that_could_be_taken_for_real_is_marked_as_a_demo() -> None:
    marked = [
        *(table(space)["centre"] for space in PROJECTS), *table("qyl")["suppliers"], *table("hq")["branches"],
    ]  # fmt: skip
    assert all("演示" in row["name"] and "(demo)" in row["name_en"] for row in marked)
