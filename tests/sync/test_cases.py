"""The named scenarios of `sync/cases`: what was before, what came in, what must be there afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sync.records import Record, Result
from sync.resolve import Refused, Resolution, Stale
from tests.sync.stage import Stage

FOLDER = Path(__file__).parents[2] / "sync" / "cases"
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted(FOLDER.glob("*.json"))
    for case in json.loads(file.read_text("utf-8"))
]
SIDES = ("base", "current")


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    stage = Stage()
    if case["before"]:
        before = stage.push("sun@office", stage.commit("sun@office", "c0", *case["before"]))
        assert before.results[0].status == "applied", before.results[0].reason
    sent: dict[str, Any] = {}
    for edit in case["edits"]:
        _play(stage, edit, sent)
        stage.check()
    _compare(stage, case["expected"])


def test_every_topic_has_its_cases() -> None:
    topics = {file.stem for file in FOLDER.glob("*.json")}
    assert topics == {
        "base",
        "delete",
        "groups",
        "parking",
        "policies",
        "resolve",
        "review",
        "rules",
        "signed",
    }
    names = [param.id for param in CASES]
    assert len(names) == len(set(names))


def _play(stage: Stage, edit: Mapping[str, Any], sent: dict[str, Any]) -> None:
    if "push" in edit:
        by = edit["push"]
        again = [sent[ident] for ident in edit.get("again", ())]
        fresh = [stage.commit(by, c["id"], *c["changes"], n=c.get("n")) for c in edit.get("commits", ())]
        sent.update({commit["id"]: commit for commit in fresh})
        outcome = stage.push(by, *again, *fresh, quarantine=edit.get("quarantine", False))
        assert [result.replayed for result in outcome.results[: len(again)]] == [True] * len(again)
    elif "retry" in edit:
        outcome = stage.retry(*edit["retry"])
    elif "discard" in edit:
        outcome = stage.discard(edit["discard"])
    else:
        _decide(stage, edit)
        return
    assert _answers(outcome.results) == edit.get("results", _answers(outcome.results))
    assert _answers(outcome.replays) == edit.get("replays", _answers(outcome.replays))


def _decide(stage: Stage, edit: Mapping[str, Any]) -> None:
    asked = edit["decide"]
    if "seen" not in asked:
        answer = stage.decide(edit["by"], asked["commit"], asked["record"], asked["unit"], asked["value"])
    else:
        conflict = next(c for c in stage.conflicts() if c.data["unit"] == asked["unit"])
        answer = stage.resolve(
            edit["by"],
            Resolution(
                asked["commit"], conflict.id, asked["seen"], asked["value"], "seen on site", "2026-11-23"
            ),
        )
    if isinstance(answer, Stale):
        assert edit["result"] == "stale"
    elif isinstance(answer, Refused):
        assert edit["result"] == f"refused {answer.problem.code}"
    else:
        assert edit["result"] == answer.results[0].status


def _answers(results: list[Result]) -> dict[str, str]:
    """`applied`, or `parked not_found`."""
    return {r.commit: f"{r.status} {r.reason['code']}" if r.reason else r.status for r in results}


def _compare(stage: Stage, expected: Mapping[str, Any]) -> None:
    for ident, fields in expected.get("records", {}).items():
        if fields is None:
            assert ident not in stage.records
        else:
            record = stage.records[ident]
            found = {name: _plain(getattr(record, name)) for name in fields}
            assert found == fields
    if "conflicts" in expected:
        conflicts = stage.conflicts()
        assert len(conflicts) == len(expected["conflicts"])
        for conflict, fields in zip(conflicts, expected["conflicts"], strict=True):
            assert {name: _shown(conflict, name) for name in fields} == fields
    if "parked" in expected:
        parked = stage.store.space(stage.space).parked.values()
        assert {p.id: p.reason["code"] for p in parked if p.state == "parked"} == expected["parked"]
    if "flags" in expected:
        assert [flag.code for flag in stage.store.flags] == expected["flags"]


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _shown(conflict: Record, name: str) -> Any:
    if name == "rivals":
        return [[side["change"], side["value"]] for side in conflict.data["rivals"]]
    if name == "signed":
        return conflict.data["current"]["signed"]
    side = conflict.data.get(name)
    return [side["change"], side["value"]] if name in SIDES and side is not None else side
