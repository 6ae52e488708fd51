"""What the demo pushes is what tablets of this contract would have pushed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import jsonschema_rs
import pytest

from schemas.access import ACCESS
from schemas.catalogue import KINDS
from schemas.fields import object_schema
from schemas.messages.push import MOST_CHANGES, MOST_COMMIT_BYTES, Commit
from server.demo.accounts import ACCOUNTS
from server.demo.generate import DemoPlan
from server.demo.tables import PROJECTS, check_items, table
from server.rules.business_date import business_date, corrected
from server.rules.completeness import problems, unit_items
from server.rules.coverage import scope_completeness, why_not_counted
from server.rules.inspection_time import target_seconds
from tests.demo.facts import changes, facts_of_records, records

INSTANT = datetime.fromisoformat


def pushed(demo: DemoPlan, space: str, kind: str) -> dict[str, dict[str, Any]]:
    return records(demo, space).get(kind, {})


def test_every_change_is_valid_against_the_exported_schema(demo: DemoPlan) -> None:
    creates = {
        name: jsonschema_rs.validator_for(spec.create_schema(), validate_formats=True)
        for name, spec in KINDS.items()
    }
    patches = {
        name: jsonschema_rs.validator_for(spec.patch_schema(), validate_formats=True)
        for name, spec in KINDS.items()
    }
    for change in changes(demo):
        validator = (creates if change["op"] == "create" else patches)[change["kind"]]
        error = next(validator.iter_errors(change["set"]), None)
        assert error is None, f"{change['kind']} {error}"


def test_every_commit_of_a_device_is_one_that_the_wire_takes(demo: DemoPlan) -> None:
    validator = jsonschema_rs.validator_for(object_schema(Commit()), validate_formats=True)
    for push in demo.pushes:
        for commit in push.commits:
            assert validator.is_valid(commit)
            assert len(commit["changes"]) <= MOST_CHANGES
            assert len(json.dumps(commit, ensure_ascii=False).encode()) <= MOST_COMMIT_BYTES


def test_no_id_is_given_twice_and_each_tells_the_time_of_its_making(demo: DemoPlan) -> None:
    ids = Counter(change["id"] for change in changes(demo))
    ids.update(change["record"] for change in changes(demo) if change["op"] == "create")
    ids.update(commit["id"] for push in demo.pushes for commit in push.commits)
    assert [id for id, times in ids.items() if times > 1] == []
    assert all(id[14] == "7" and id[19] in "89ab" for id in ids)
    for push in demo.pushes:
        for commit in push.commits:
            made = int(commit["id"].replace("-", "")[:12], 16) / 1000
            assert abs(made - INSTANT(commit["made_at"]).timestamp()) < 3


def test_whatever_a_record_refers_to_was_there_before_it(demo: DemoPlan) -> None:
    for space in ("hq", *PROJECTS):
        known: dict[str, str] = {}
        for change in changes(demo, space):
            for field, kinds in KINDS[change["kind"]].refs.items():
                for value in _values(change["set"].get(field)):
                    assert known.get(value) in kinds, f"{change['kind']}.{field}"
            known[change["record"]] = change["kind"]


def _values(value: Any) -> list[str]:
    if value is None:
        return []
    return (
        [value]
        if isinstance(value, str)
        else [one["value"] if isinstance(one, dict) else one for one in value]
    )


def test_every_unit_has_exactly_one_inspector(demo: DemoPlan) -> None:
    for space, count in (("qyl", 208), ("xqgy", 16)):
        units = facts_of_records(demo, space)
        assert len(units) == count
        assert scope_completeness(units, demo.now.date()) == []


def test_every_check_counts_for_its_unit(demo: DemoPlan) -> None:
    for space in PROJECTS:
        for unit in facts_of_records(demo, space):
            assert [
                why_not_counted(unit, check) for check in unit.checks if why_not_counted(unit, check)
            ] == []


def test_every_check_is_complete_and_written_on_the_right_day(demo: DemoPlan) -> None:
    standard = table("standard")
    items = list(pushed(demo, "hq", "check_item").values())
    for space in PROJECTS:
        held = records(demo, space)
        for check in held["area_check"].values():
            post, area = held["post"][check["post"]], held["area"].get(check["unit"])
            own = {
                "area": area and check["unit"],
                "items_off": area and area.get("items_off"),
                **_of_post(post),
            }
            wanted = unit_items(items, standard["post_types"], own)
            assert problems(wanted, check["results"], check["started_at"], check["ended_at"]) == []
            assert [result["item"] for result in check["results"]] == [item["code"] for item in wanted]
            ended_at = corrected(INSTANT(check["ended_at"]), check["clock_offset_ms"])
            assert business_date(ended_at, post["shift"]).isoformat() == check["business_date"]
            failed = any(result["result"] == "nonconform" for result in check["results"])
            assert check["result"] == ("nonconform" if failed else "conform")
            assert (area is None) == (check["unit"] == check["post"])
            assert area is None or area["post"] == check["post"]


def _of_post(post: dict[str, Any]) -> dict[str, Any]:
    return {name: post[name] for name in ("post_type", "certificates")}


def test_each_failed_item_is_one_open_finding_with_its_proposed_class(demo: DemoPlan) -> None:
    for space in PROJECTS:
        checks, photos = pushed(demo, space, "area_check"), pushed(demo, space, "photo")
        failed = {
            (id, result["item"]): result
            for id, check in checks.items()
            for result in check["results"]
            if result["result"] == "nonconform"
        }
        findings = {(one["check"], one["item"]): one for one in pushed(demo, space, "finding").values()}
        assert failed.keys() == findings.keys()
        for key, finding in findings.items():
            assert finding["description"] == failed[key]["note"]
            assert finding["state"] == "open"
            assert not finding.keys() & {"class", "attribution", "disposition", "due_at"}
            assert finding["proposed_class"] == check_items()[finding["item"]].proposed_class
            assert [element["value"] for element in finding.get("photos", [])] == failed[key].get(
                "photos", []
            )
        for photo in photos.values():
            check = checks[photo["check"]]
            assert photo["unit"] == check["unit"]
            assert check["started_at"] < photo["taken_at"] < check["ended_at"]


def test_findings_are_neither_rare_nor_the_rule(demo: DemoPlan) -> None:
    results = [check["result"] for check in pushed(demo, "qyl", "area_check").values()]
    assert 0.025 <= results.count("nonconform") / len(results) <= 0.08
    notes = {one["description"] for one in pushed(demo, "qyl", "finding").values()}
    assert len(notes) >= 40


def test_one_inspection_per_inspector_and_business_date(demo: DemoPlan) -> None:
    for space in PROJECTS:
        inspections = pushed(demo, space, "inspection")
        keys = Counter((one["inspector"], one["business_date"]) for one in inspections.values())
        assert set(keys.values()) == {1}
        for check in pushed(demo, space, "area_check").values():
            inspection = inspections[check["inspection"]]
            assert (check["inspector"], check["business_date"]) == (
                inspection["inspector"], inspection["business_date"],
            )  # fmt: skip
            assert check["started_at"] >= inspection["started_at"]
            assert inspection["state"] == "in_progress" or check["ended_at"] <= inspection["ended_at"]
        states = Counter(one["state"] for one in inspections.values())
        assert set(states) <= {"completed", "in_progress"}
        assert states["in_progress"] <= 2 * len(table(space)["teams"] + table(space)["items"])


def test_checks_take_four_to_nine_minutes_and_never_overlap(demo: DemoPlan) -> None:
    for space in PROJECTS:
        by_inspector: dict[str, list[tuple[datetime, datetime]]] = {}
        for check in pushed(demo, space, "area_check").values():
            stretch = INSTANT(check["started_at"]), INSTANT(check["ended_at"])
            assert timedelta(minutes=4) <= stretch[1] - stretch[0] <= timedelta(minutes=9)
            by_inspector.setdefault(check["inspector"], []).append(stretch)
        for stretches in by_inspector.values():
            stretches.sort()
            for before, after in pairwise(stretches):
                assert after[0] > before[1]


def test_night_posts_are_checked_at_night_and_also_after_midnight(november: DemoPlan) -> None:
    held = records(november, "qyl")
    hours = {
        INSTANT(check["ended_at"]).hour
        for check in held["area_check"].values()
        if held["post"][check["post"]]["shift"] == "night"
    }
    assert hours <= {23, 0, 1, 2, 3, 4, 5, 6}
    assert hours & {23}
    assert hours & {3, 4}
    for shift, first, last in (("early", 7, 15), ("middle", 15, 23)):
        for check in held["area_check"].values():
            if held["post"][check["post"]]["shift"] == shift:
                assert first <= INSTANT(check["started_at"]).hour <= INSTANT(check["ended_at"]).hour < last


def test_on_working_days_nobody_is_short_of_inspection_time(november: DemoPlan) -> None:
    """Q1-4.3a: 5 minutes for a third of the units, at least 15; 何桂兰 40."""
    spent: Counter[str] = Counter()
    for check in pushed(november, "qyl", "area_check").values():
        if check["business_date"] == "2026-11-20" and check["inspector"] == november.directory.person(
            "何桂兰"
        ):
            spent["T07"] += int((INSTANT(check["ended_at"]) - INSTANT(check["started_at"])).total_seconds())
    assert spent["T07"] >= target_seconds(24) == 2400


def test_nothing_comes_from_the_future_and_some_of_it_from_today(demo: DemoPlan) -> None:
    assert max(push.arrived_at for push in demo.pushes) <= demo.now
    for push in demo.pushes:
        for commit in push.commits:
            offset = timedelta(seconds=commit["clock"]["offset"])
            assert INSTANT(commit["made_at"]) - offset < push.arrived_at
    today = demo.now.date().isoformat()
    night = {business_date(demo.now, "night").isoformat(), today}
    assert any(check["business_date"] in night for check in pushed(demo, "qyl", "area_check").values())


def test_devices_count_their_commits_and_are_heard_of_before_and_after_each(demo: DemoPlan) -> None:
    """`clock_skew` would be flagged if a check ended before the last contact or after its arrival (X-09)."""
    counts: dict[str, int] = {}
    contacts: dict[str, datetime] = {}
    for push in demo.pushes:
        device = demo.device(push.account)
        assert device not in contacts or push.arrived_at > contacts[device]
        assert push.unsent == len(push.commits)
        for commit in push.commits:
            assert commit["n"] == counts.get(device, 0) + 1
            counts[device] = commit["n"]
            made_at = INSTANT(commit["made_at"]) - timedelta(seconds=commit["clock"]["offset"])
            assert contacts.get(device, made_at) <= made_at < push.arrived_at
        contacts[device] = push.arrived_at
    last = {demo.device(push.account): push.unsent for push in demo.pushes}
    assert set(last.values()) == {0}


def test_who_creates_has_a_role_that_may(demo: DemoPlan) -> None:
    roles: dict[str, set[str]] = {}
    for change in changes(demo):
        if change["kind"] == "role_assignment":
            roles.setdefault(change["set"]["person"], set()).add(change["set"]["role"])
    for push in demo.pushes:
        user = demo.user(push.account)
        for change in (change for commit in push.commits for change in commit["changes"]):
            grants = ACCESS[change["kind"]].create
            if change["op"] == "create":
                assert any(roles[user] & set(grant.roles) for grant in grants), change["kind"]
            for own in ("inspector", "found_by", "author", "approved_by"):
                assert change["set"].get(own, user) == user


def test_every_account_belongs_to_a_person_with_a_role(november: DemoPlan) -> None:
    roles = {
        row["person"]
        for space in ("hq", *PROJECTS)
        for row in pushed(november, space, "role_assignment").values()
    }
    people = {space: pushed(november, space, "person") for space in ("hq", *PROJECTS)}
    for account in ACCOUNTS:
        assert people[account.space][november.user(account)]["name"] == account.person
        assert november.user(account) in roles
    assert len(people["qyl"]) == 126


def test_the_class_table_is_version_1_without_critical(november: DemoPlan) -> None:
    classes = next(iter(pushed(november, "hq", "class_table").values()))
    assert classes["version"] == 1
    assert {row["code"]: row["enabled"] for row in classes["rows"]} == {
        "OBS": True, "MIN": True, "GEN": True, "SER": True, "CRI": False,
    }  # fmt: skip
    assert len(next(iter(pushed(november, "hq", "disposition_table").values()))["rows"]) == 7
    assert len(next(iter(pushed(november, "hq", "attribution_table").values()))["rows"]) == 8
    years = {row["year"]: row["confirmed"] for row in pushed(november, "hq", "work_calendar").values()}
    assert years == {2025: True, 2026: True, 2027: False}


@pytest.mark.parametrize("space", PROJECTS)
def test_the_centre_starts_coverage_on_the_second_of_november(november: DemoPlan, space: str) -> None:
    centre = next(iter(pushed(november, space, "project_centre").values()))
    assert date.fromisoformat(centre["coverage_start"]) == date(2026, 11, 2)
    assert (centre["branch"], centre["coverage_mode"], centre["grace_hours"]) == ("EAST", "rolling", 24)
