"""Inspection time, completeness, items of a unit and scores, by the cases that vitest runs too."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from server.rules.completeness import problems, unit_items
from server.rules.inspection_time import Visit, inspection_time
from server.rules.scoring import score
from tests.rules.cases import day, instant, named, read

COMPLETENESS = read("completeness")
UNIT_ITEMS = read("unit_items")


@pytest.mark.parametrize("case", named(read("inspection_time")))
def test_inspection_time(case):
    visits = [
        Visit(day(row["business_date"]), instant(row["started_at"]), instant(row["ended_at"]))
        for row in case["visits"]
    ]
    found = {
        each.isoformat(): {**asdict(spent), "short": spent.short}
        for each, spent in inspection_time(visits, case["units"]).items()
    }
    assert found == case["days"]
    assert list(found) == sorted(found)


@pytest.mark.parametrize("case", named(COMPLETENESS["cases"]))
def test_completeness(case):
    started_at = case.get("started_at", "2026-11-23T09:00:00+08:00")
    ended_at = case.get("ended_at", "2026-11-23T09:05:00+08:00")
    found = problems(COMPLETENESS["items"], case["results"], started_at, ended_at)
    assert [asdict(problem) for problem in found] == case["problems"]


@pytest.mark.parametrize("case", named(UNIT_ITEMS["cases"]))
def test_unit_items(case):
    found = unit_items(UNIT_ITEMS["items"], UNIT_ITEMS["post_types"], case["unit"])
    assert [item["code"] for item in found] == case["gives"]


@pytest.mark.parametrize("case", named(read("scoring")))
def test_score(case):
    found = score(case["items"], case["results"])
    assert asdict(found) == {name: case[name] for name in ("score_tenths", "conformity_tenths", "capped")}
    assert found.score == (None if case["score_tenths"] is None else case["score_tenths"] / 10)
    assert found.conformity_rate == (
        None if case["conformity_tenths"] is None else case["conformity_tenths"] / 10
    )
