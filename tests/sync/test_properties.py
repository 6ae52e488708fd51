"""What must hold whatever people do (protocol section 9): random rounds on several tablets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.chain import checksum
from sync.change import Author
from sync.conflict import REASONS
from sync.ports import Case, Problem, Reader
from sync.records import Record
from sync.resolve import Refused, Stale
from tests.sync.ledger import Ledger
from tests.sync.stage import Stage
from tests.sync.tablet import FINDING, READER, Tablet

CAST = ("he@tablet-1", "xie@tablet-2", "sun@tablet-3")
FIELDS: dict[str, tuple[Any, ...]] = {
    "note": ("a", "b", "c", None),
    "class": ("MIN", "GEN", "SER"),
    "attribution": ("team", "personal", None),
    "disposition": ("redo", "concession"),
    "result": ("conform", "nonconform"),
    "remark": ("r", "s"),
    "started_at": ("08:00", "08:30"),
    "state": ("open", "evaluated", "corrected"),
}
SMALL = st.integers(0, 7)
ACTIONS = (
    "create",
    "patch",
    "patch",
    "patch",
    "both",
    "list",
    "sign",
    "delete",
    "push",
    "lost",
    "pull",
    "decide",
)
STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 2), SMALL, SMALL, SMALL), max_size=60)
ROUNDS = settings(max_examples=150, deadline=None)


class NoRules:
    """Everybody may do everything."""

    def can_read(self, author: Author, record: Record) -> bool:
        """Always."""
        return True

    def must_name(self, case: Case) -> Collection[str]:
        """Nothing."""
        return ()

    def judge(self, case: Case) -> Sequence[Problem]:
        """No problem."""
        return ()


class Round:
    """Three tablets on one stage."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.tablets = [Tablet(self.stage, by) for by in CAST]
        self.decided = 0
        for _ in range(2):
            self.tablets[0].create(f"f-0-{len(self.tablets[0].made)}", {"note": "a", "state": "open"})
        self.tablets[0].push()
        for tablet in self.tablets:
            tablet.pull()

    def play(self, steps: list[tuple[str, int, int, int, int]]) -> None:
        """Do what the steps say, as far as it is possible."""
        for action, who, one, two, three in steps:
            tablet = self.tablets[who]
            if action == "create":
                tablet.create(f"f-{who}-{len(tablet.made)}", {"note": "a", "state": "open"})
            elif action == "push":
                tablet.push(1 + one)
            elif action == "lost":
                tablet.push(1 + one, answered=False)
            elif action == "pull":
                tablet.pull()
            elif action == "decide":
                self._decide(one, two)
            elif known := tablet.known():
                self._edit(tablet, action, known[one % len(known)], two, three)
            self.stage.check()

    def finish(self) -> None:
        """Everybody sends what he has and pulls what there is."""
        for tablet in self.tablets:
            tablet.push()
        for tablet in self.tablets:
            tablet.pull()
        self.stage.check()

    def saw(self) -> dict[str, int]:
        """How far each change's author had pulled."""
        return {change: seq for tablet in self.tablets for change, seq in tablet.saw.items()}

    def _edit(self, tablet: Tablet, action: str, record: str, two: int, three: int) -> None:
        names = list(FIELDS)
        name, other = names[two % len(names)], names[three % len(names)]
        fields = {name: FIELDS[name][three % len(FIELDS[name])]}
        if action == "both":
            fields[other] = FIELDS[other][two % len(FIELDS[other])]
        if action == "delete":
            tablet.delete(record)
        elif action == "sign":
            tablet.sign(record, ("note", "evaluation", "tags", "result")[: 1 + two % 4])
        elif action != "list":
            tablet.patch(record, fields)
        elif three % 2:
            tablet.patch(record, {}, add={"tags": [{"id": f"e{two}", "value": "same"}]})
        else:
            tablet.patch(record, {}, remove={"tags": [f"e{two}"]})

    def _decide(self, one: int, two: int) -> None:
        conflicts = [c for c in self.stage.conflicts() if c.data["state"] == "open"]
        if not conflicts:
            return
        conflict = conflicts[one % len(conflicts)].data
        sides = [conflict["current"], *conflict["rivals"]]
        value = sides[two % len(sides)]["value"]
        self.decided += 1
        commit = f"decision-{self.decided}"
        answer = self.stage.decide("zeng@server", commit, conflict["record"], conflict["unit"], value)
        assert not isinstance(answer, Stale)
        assert not isinstance(answer, Refused) or answer.problem.code in ("required", "never_conceded")


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


def long_round(seed: int) -> Round:
    """A history longer than hypothesis draws."""
    random = Random(seed)
    played = Round()
    for _ in range(150):
        one, two, three = (random.randrange(8) for _ in range(3))
        played.play([(random.choice(ACTIONS), random.randrange(3), one, two, three)])
    played.finish()
    return played


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


assert set(FIELDS) <= set(FINDING.unit_of)
