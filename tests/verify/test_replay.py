"""Whatever the engine makes of random rounds holds, so that `make verify` never cries wolf; and what a log
alone can tell is found in every one of them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.verify.chains import Walk, check_chain
from server.verify.problems import Problem
from server.verify.records import check_record, replayed
from sync.records import LogRow, Record
from tests.sync.rounds import ACTIONS, Round, long_round
from tests.sync.stage import KINDS, Stage
from tests.sync.test_cases import CASES, _play

SMALL = st.integers(0, 7)
STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 2), SMALL, SMALL, SMALL), max_size=60)


@dataclass(frozen=True)
class Stored:
    """A record as storage would hand it in."""

    record: Record

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def space(self) -> str:
        return self.record.space

    @property
    def kind(self) -> str:
        return self.record.kind


@dataclass(frozen=True)
class Space:
    """A space and how far it is."""

    id: str
    head: int
    at: str


def problems(stage: Stage, log: list[LogRow], records: dict[str, Record]) -> list[Problem]:
    """What a verification finds in a space."""
    head = stage.store.space("qyl").state[0]
    walk = Walk()
    found = list(check_chain(Space("qyl", head.seq, head.at), log, walk))
    histories = defaultdict(list)
    for row in log:
        histories[row.record].append(("qyl", row))
    for record in records.values():
        history = histories[record.id]
        stored = Stored(record)
        found += check_record(stored, history, replayed(stored, history, KINDS, walk.disputes), walk.disputes)
    return found


def check(stage: Stage) -> None:
    assert problems(stage, list(stage.store.space("qyl").log), dict(stage.records)) == []


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_what_people_do_holds(steps: list[Any]) -> None:
    played = Round()
    played.play(steps)
    played.finish()
    check(played.stage)


@pytest.mark.parametrize("seed", range(8))
def test_long_rounds_hold(seed: int) -> None:
    check(long_round(seed).stage)


@pytest.mark.parametrize("case", CASES)
def test_the_named_scenarios_hold(case: dict[str, Any]) -> None:
    """The same scenarios that both engines are held to."""
    stage = Stage()
    if case["before"]:
        stage.push("sun@office", stage.commit("sun@office", "c0", *case["before"]))
    sent: dict[str, Any] = {}
    for edit in case["edits"]:
        _play(stage, edit, sent)
    check(stage)


@pytest.mark.parametrize("seed", range(4))
def test_every_single_change_of_a_long_round_is_found(seed: int) -> None:
    """Each value of each record, each payload and each row in turn."""
    stage = long_round(seed).stage
    log, records = list(stage.store.space("qyl").log), dict(stage.records)
    for ident, record in records.items():
        for name in record.data:
            spoilt = replace(record, data={**record.data, name: "spoilt"})
            assert problems(stage, log, {**records, ident: spoilt}), (ident, name)
        spoilt = replace(record, contested=() if record.contested else ("note",))
        assert problems(stage, log, {**records, ident: spoilt}), ident
    for at in range(0, len(log), 7):
        row = log[at]
        payload = json.dumps({**json.loads(row.payload), "extra": 1}).encode()
        for spoilt_row in (replace(row, payload=payload), replace(row, user="x"), replace(row, previous="x")):
            assert problems(stage, [*log[:at], spoilt_row, *log[at + 1 :]], records), row
        assert problems(stage, [*log[:at], *log[at + 1 :]], records), row
        swapped = dict.fromkeys(row.replaced, "x")
        if swapped:
            assert problems(stage, [*log[:at], replace(row, replaced=swapped), *log[at + 1 :]], records), row
