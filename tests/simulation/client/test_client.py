"""The real client, many at once, against the real server over wires that fail: I1 to I5, I9 to I12, I14, I16,
I17.

No socket is open in any of this, so that losing every poke (I16) is what always happens here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import ON_POSTGRES, cluster
from tests.simulation.client.dump import Evidence
from tests.simulation.client.history import Theatre
from tests.simulation.client.people import SEATS, YEAR
from tests.simulation.client.plan import Plan, Step
from tests.simulation.client.scenes import BOSS, LEAD, QUARREL, Scene, check, cut, patch, scenes, sync, work
from tools.pytest_plugin import SOAK

SHORT = (1005, 1007, 1014, 1019)
"""Together: kills, restores, days that pass, rights that come and go, a tablet revoked and one lost."""


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    built = Theatre(tmp_path_factory.mktemp("theatre"))
    yield built
    built.close()


def told(problems: list[str], plan: Plan) -> str:
    """What broke, and in which history."""
    return "\n".join([f"SEED={plan.seed}", *map(str, plan.steps), *problems[:20]])


@pytest.mark.timeout(3600 if SOAK else 120)
def test_any_history_ends_as_it_should(theatre: Theatre, soak: bool) -> None:
    seeds = range(1000, 1200) if soak else SHORT
    seen = {"saved": 0, "faults": 0, "clients killed": 0, "server killed": 0, "restored": 0, "conflicts": 0,
            "signatures": 0}  # fmt: skip
    for seed in seeds:
        outcome = theatre.run(seed)
        assert outcome.problems == [], told(outcome.problems, outcome.plan)
        seen = {name: count + outcome.figures[name] for name, count in seen.items()}
    assert all(seen.values()), f"a history in which nothing happens proves nothing: {seen}"


@pytest.mark.parametrize("database", [ON_POSTGRES])
@pytest.mark.timeout(3600 if SOAK else 120)
def test_any_history_ends_as_it_should_on(database: str, tmp_path: Path, soak: bool) -> None:
    built = Theatre(tmp_path, cluster() if database == "postgresql" else None)
    try:
        for seed in range(1020, 1060 if soak else 1021):
            outcome = built.run(seed)
            assert outcome.problems == [], told(outcome.problems, outcome.plan)
    finally:
        built.close()


@pytest.mark.parametrize("name", scenes(""))
def test_what_is_broken_on_purpose_is_noticed(theatre: Theatre, name: str) -> None:
    scene: Scene = scenes(theatre.photos[0])[name]
    outcome = theatre.play(scene.plan(), mutant=scene.mutant, broken=scene.broken)
    assert [problem for problem in outcome.problems if problem.startswith(scene.noticed)], outcome.problems


def test_clocks_that_are_ten_years_off_change_no_outcome(theatre: Theatre) -> None:
    """I12: the same acts in the same order, with all clocks right and with clocks twenty years apart."""
    back = [sync(seat) for seat in (LEAD, BOSS, LEAD, BOSS)]
    first, second = ([cut(seat, off=False), sync(seat), sync(seat)] for seat in (LEAD, BOSS))
    third = [work(LEAD, patch(3, "evaluate")), *back, work(BOSS, patch(4, "describe"), check(BOSS)), *back]
    steps = (*QUARREL, *first, *second, *back, Step("desk", more={"pick": 1}), *back, *third)
    seats = [seat for seat in SEATS if seat.name in (LEAD, BOSS)]
    found = []
    for offset in (0, 10 * YEAR, -10 * YEAR):
        turned = [replace(seat, clock=offset * (1 if seat.name == LEAD else -1)) for seat in seats]
        outcome = theatre.play(Plan(1, steps, seats=turned))
        assert outcome.problems == []
        found.append(shape(outcome.evidence))
    assert found[1] == found[0]
    assert found[2] == found[0]


def shape(evidence: Evidence) -> list[Any]:
    """What came of it, without ids and times: answers by tablet, and what findings and conflicts say."""
    answers = {
        name: [heard["result"]["status"] for heard in tablet["answers"]]
        for name, tablet in evidence.tablets.items()
    }
    space = evidence.server.spaces["qyl"]
    order = {line.record: -line.seq for line in reversed(space.log)}
    records = sorted(space.records.values(), key=lambda record: -order[record.id])
    findings = [
        ({field: record.data.get(field) for field in ("note", "description", "class", "attribution")},
         record.contested)
        for record in records if record.kind == "finding"
    ]  # fmt: skip
    conflicts = [
        (record.data["unit"], record.data["state"], [rival["value"] for rival in record.data["rivals"]])
        for record in records if record.kind == "sync_conflict"
    ]  # fmt: skip
    assert findings
    assert conflicts
    return [answers, findings, conflicts]
