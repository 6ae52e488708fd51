"""What must hold whatever people do (protocol section 9): random rounds on several tablets."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.chain import checksum
from sync.conflict import REASONS
from sync.ports import Reader
from tests.sync.ledger import Ledger
from tests.sync.rounds import ACTIONS, CAST, NoRules, Round, long_round
from tests.sync.stage import Stage
from tests.sync.tablet import READER

SMALL = st.integers(0, 7)
STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 2), SMALL, SMALL, SMALL), max_size=60)
ROUNDS = settings(max_examples=100, deadline=None)


@ROUNDS
@given(STEPS)
def test_nothing_is_lost_in_silence(steps: list[Any]) -> None:
    """I3, from the log alone; I5 by the chain."""
    played = Round()
    played.play(steps)
    played.finish()
    Ledger(played.stage, played.saw()).check()


@ROUNDS
@given(STEPS)
def test_replicas_converge(steps: list[Any]) -> None:
    """I4: equal rights, everything pulled: equal records and checksums, and those of the server."""
    played = Round()
    played.play(steps)
    played.finish()
    first, *others = [tablet.base for tablet in played.tablets]
    assert all(base == first for base in others)
    live = [(row["id"], row["last_change"]) for row in first.values() if not row["deleted"]]
    page = played.stage.page(READER, checksum=True)
    assert page.checksum == checksum(live)


@ROUNDS
@given(STEPS, st.data())
def test_sending_again_changes_nothing(steps: list[Any], data: st.DataObject) -> None:
    """I2: any subset, in any order: the same answers apart from `replayed`, and nothing written."""
    played = Round()
    played.play(steps)
    played.finish()
    stage, space = played.stage, played.stage.store.space("qyl")
    for tablet in played.tablets:
        commits = list(tablet.made.values())
        again = data.draw(st.lists(st.sampled_from(commits), max_size=12)) if commits else []
        before = (len(space.log), dict(stage.records), dict(stage.store.fates), len(stage.store.flags))
        results = stage.push(tablet.by, *again).results
        assert (len(space.log), stage.records, stage.store.fates, len(stage.store.flags)) == before
        for commit, result in zip(again, results, strict=True):
            assert result.replayed
            known = stage.store.receipts[commit["id"]].result
            assert (result.status, result.seqs, result.conflicts, result.reason) == (
                known.status,
                known.seqs,
                known.conflicts,
                known.reason,
            )
            settled = tablet.answers.get(commit["id"])
            if settled is not None and settled.status != "parked":
                assert (result.status, result.seqs, result.conflicts) == (
                    settled.status,
                    settled.seqs,
                    settled.conflicts,
                )


@ROUNDS
@given(STEPS, st.data())
def test_a_parked_commit_delays_nobody_else(steps: list[Any], data: st.DataObject) -> None:
    """I7: the round comes out the same with another tablet whose every commit parks."""
    plain, disturbed = Round(), Round()
    for step in steps:
        plain.play([step])
        disturbed.play([step])
        record = data.draw(st.sampled_from(["", *sorted(disturbed.stage.records)]))
        if record:
            count = disturbed.stage._n.get("lei@tablet-9", 0)
            change = {"id": f"l{count}", "op": "patch", "kind": "finding", "record": record}
            bad = {**change, "base": {"note": "never"}, "set": {"note": "!"}}
            commit = disturbed.stage.commit("lei@tablet-9", f"bad-{count}", bad)
            assert disturbed.stage.push("lei@tablet-9", commit).results[0].status == "parked"
    assert _told(plain) == _told(disturbed)


def _told(played: Round) -> Any:
    """What a round came to, without the ids that the server makes."""
    answers = [{c: (r.status, dict(r.seqs)) for c, r in t.answers.items()} for t in played.tablets]
    findings = [record for record in played.stage.records.values() if record.kind == "finding"]
    return answers, {r.id: (r.data, _named(r.versions), r.seq, r.contested) for r in findings}


def _named(versions: Mapping[str, str]) -> dict[str, str]:
    return {unit: "decision" if change.startswith("made") else change for unit, change in versions.items()}


@ROUNDS
@given(STEPS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_of_one_tablet_does_not_matter(steps: list[Any], random: Any) -> None:
    """What came too early is parked and replayed: alone on a space, every order ends alike."""
    mine = [(action, 0, one, two, three) for action, _, one, two, three in steps]
    offline = [step for step in mine if step[0] in ("create", "patch", "both")]
    played = Round()
    played.play(offline)
    commits = list(played.tablets[0].made.values())
    straight, mixed = Stage(), Stage()
    # A commit that a rule parks holds up what comes after it, not what came before: no rules here.
    straight.rules = mixed.rules = NoRules()
    straight.push(CAST[0], *commits)
    shuffled = list(commits)
    random.shuffle(shuffled)
    while shuffled:
        some = random.randint(1, len(shuffled))
        mixed.push(CAST[0], *shuffled[:some])
        shuffled = shuffled[some:]
    straight.check()
    mixed.check()
    kept = [
        {r.id: (r.data, r.versions, r.contested) for r in stage.records.values() if r.kind == "finding"}
        for stage in (straight, mixed)
    ]
    assert kept[0] == kept[1]
    assert not straight.store.space("qyl").parked
    assert all(parked.state == "accepted" for parked in mixed.store.space("qyl").parked.values())


@pytest.mark.parametrize("seed", range(40))
def test_long_rounds(seed: int) -> None:
    """I2, I3, I4 and I5."""
    played = long_round(seed)
    Ledger(played.stage, played.saw()).check()
    assert played.tablets[0].base == played.tablets[1].base == played.tablets[2].base
    random, before = Random(seed), len(played.stage.store.space("qyl").log)
    for tablet in played.tablets:
        again = [commit for commit in tablet.made.values() if random.random() < 0.5]
        random.shuffle(again)
        assert all(result.replayed for result in played.stage.push(tablet.by, *again).results)
    assert len(played.stage.store.space("qyl").log) == before


def test_long_rounds_reach_every_corner() -> None:
    """The rounds above prove something only if all of this happens in them."""
    rounds = [long_round(seed) for seed in range(12)]
    receipts = [receipt.result for played in rounds for receipt in played.stage.store.receipts.values()]
    conflicts = [conflict.data for played in rounds for conflict in played.stage.conflicts()]
    assert {result.status for result in receipts} == {"applied", "merged", "conflict", "parked"}
    assert {data["reason"] for data in conflicts} == set(REASONS)
    assert {data["state"] for data in conflicts} == {"open", "resolved"}
    assert "*" in {data["unit"] for data in conflicts}
    assert max(len(data["rivals"]) for data in conflicts) > 1
    assert {
        fate.kind for played in rounds for of in played.stage.store.fates.values() for fate in of.values()
    } == {
        "same",
        "discarded",
    }


def test_a_reader_of_less_sees_less() -> None:
    """I17 for pulls: neither rows nor checksum know of what the audience hides."""
    stage = Stage()
    hidden = {"id": "a1", "op": "create", "kind": "appraisal", "record": "q1", "set": {"text": "…"}}
    stage.push("sun@office", stage.commit("sun@office", "c1", hidden))
    page = stage.page(READER, checksum=True)
    assert (page.rows, page.to, page.checksum) == ([], 1, checksum([]))
    page = stage.page(Reader(frozenset({"hr"})), checksum=True)
    assert [row["id"] for row in page.rows] == ["q1"]
    assert page.checksum == checksum([("q1", "a1")])
