"""What a push answers besides merging: receipts, limits, numbers, spaces, what storage is asked for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from sync.change import MAX_BYTES, MAX_CHANGES, SERVER
from sync.memory import MemoryStore, MemoryTransaction
from sync.ports import Reader
from sync.push import push
from tests.sync.stage import Stage, create, patch

HE = "he@tablet-1"


def test_an_empty_push_is_a_heartbeat_and_writes_nothing() -> None:
    stage = Stage()
    with stage.store.transaction("qyl") as tx:
        outcome = push(tx, stage.context(HE), [])
        assert tx.writes is None
    assert (outcome.results, outcome.head.seq) == ([], 0)


def test_a_commit_sent_twice_in_one_push_is_answered_twice_and_taken_in_once() -> None:
    stage = Stage()
    commit = stage.commit(HE, "c1", create("h1", "f1", {"note": "a"}))
    first, second = stage.push(HE, commit, commit).results
    assert (first.replayed, second.replayed) == (False, True)
    assert first.seqs == second.seqs == {"h1": 1}
    assert stage.store.space("qyl").state[0].seq == 1


def test_seqs_count_every_change_of_what_was_taken_in_and_nothing_else() -> None:
    stage = Stage()
    bad = stage.commit(HE, "c1", create("h1", "f1", {}), create("h2", "f2", {"colour": "red"}))
    good = stage.commit(HE, "c2", create("h3", "f3", {}), create("h4", "f4", {}))
    results = stage.push(HE, bad, good).results
    assert [dict(result.seqs) for result in results] == [{}, {"h3": 1, "h4": 2}]
    assert results[0].reason == {"code": "unknown_field", "detail": ["colour"], "change": "h2"}
    stage.check()


def test_another_user_with_the_same_commit_id_is_told_nothing() -> None:
    stage = Stage()
    commit = stage.commit(HE, "c1", create("h1", "f1", {"note": "a"}))
    stage.push(HE, commit)
    for _ in range(2):
        answer = stage.push("lei@tablet-5", commit).results[0]
        assert (answer.status, answer.seqs, answer.conflicts) == ("parked", {}, ())
        assert answer.reason is not None
        assert answer.reason["code"] == "commit_id_reused"
    assert [flag.code for flag in stage.store.flags] == ["commit_id_reused"]


def test_the_same_commit_from_a_second_device_of_its_user_is_the_same_commit() -> None:
    stage = Stage()
    commit = stage.commit(HE, "c1", create("h1", "f1", {"note": "a"}))
    stage.push(HE, commit)
    assert stage.push("he@tablet-8", commit).results[0].replayed


def test_a_reused_commit_id_can_only_be_discarded() -> None:
    stage = Stage()
    stage.push(HE, stage.commit(HE, "c1", create("h1", "f1", {})))
    stage.push(HE, stage.commit(HE, "c1", create("h2", "f2", {})))
    (ident,) = stage.store.space("qyl").parked
    assert ident != "c1"
    assert stage.retry(ident).results[0].reason == {"code": "commit_id_reused", "detail": "c1"}
    stage.discard(ident)
    assert stage.store.space("qyl").parked[ident].state == "discarded"
    assert "f2" not in stage.records


@pytest.mark.parametrize("changes, size", [(MAX_CHANGES + 1, 1), (1, MAX_BYTES)])
def test_what_is_too_large_parks_whole_but_imports_are_free(changes: int, size: int) -> None:
    stage = Stage()
    many = [create(f"h{n}", f"f{n}", {"note": "x" * size}) for n in range(changes)]
    by_tablet = stage.push(HE, stage.commit(HE, "c1", *many)).results[0]
    assert by_tablet.reason is not None
    assert by_tablet.reason["code"] == "too_large"
    importer = f"zeng@{SERVER}"
    other = [create(f"i{n}", f"g{n}", {"note": "x" * size}) for n in range(changes)]
    assert stage.push(importer, stage.commit(importer, "c2", *other)).results[0].status == "applied"


def test_the_largest_commit_that_is_allowed_is_taken_in() -> None:
    stage = Stage()
    many = [create(f"h{n}", f"f{n}", {}) for n in range(MAX_CHANGES)]
    assert stage.push(HE, stage.commit(HE, "c1", *many)).results[0].status == "applied"


def test_numbers_are_watched_over_all_spaces_and_never_refused() -> None:
    store = MemoryStore()
    project, headquarters = Stage("qyl", store), Stage("hq", store)
    project.push(HE, project.commit(HE, "c1", create("h1", "f1", {}), n=1))
    headquarters.push(HE, headquarters.commit(HE, "c2", create("h2", "f2", {}), n=2))
    project.push(HE, project.commit(HE, "c3", create("h3", "f3", {}), n=3))
    assert store.flags == []
    project.push(HE, project.commit(HE, "c6", create("h6", "f6", {}), n=6))
    project.push(HE, project.commit(HE, "c4", create("h4", "f4", {}), n=4))
    project.push(HE, project.commit(HE, "c7", create("h7", "f7", {}), n=6))
    flags = [(flag.code, flag.n, flag.detail) for flag in store.flags]
    assert flags == [("gap", 6, "4-5"), ("gap_filled", 4, "4"), ("same_n", 6, "c6")]
    assert {"f6", "f4", "f7"} <= project.records.keys()


def test_references_cross_spaces_and_changes_do_not() -> None:
    store = MemoryStore()
    project, headquarters = Stage("qyl", store), Stage("hq", store)
    headquarters.push(HE, headquarters.commit(HE, "c1", create("h1", "p1", {"name": "标准"}, "area")))
    refers = project.commit(HE, "c2", create("h2", "f1", {"area": "p1"}))
    changes = {"id": "h3", "op": "patch", "kind": "area", "record": "p1", "base": {"name": "h1"}}
    moves = project.commit(HE, "c3", {**changes, "set": {"name": "x"}})
    again = project.commit(HE, "c4", create("h4", "p1", {"name": "y"}, "area"))
    results = project.push(HE, refers, moves, again).results
    assert [result.reason and result.reason["code"] for result in results] == [None, "wrong_space", "waiting"]
    assert headquarters.records["p1"].data == {"name": "标准"}


def test_a_refused_transaction_leaves_nothing_behind() -> None:
    stage = Stage()
    stage.push(HE, stage.commit(HE, "c1", create("h1", "f1", {"note": "a"})))
    before = stage.store.space("qyl").state
    commit = stage.read(stage.commit(HE, "c2", create("h2", "f2", {})))

    def cut_short() -> None:
        with stage.store.transaction("qyl") as tx:
            push(tx, stage.context(HE), [commit])
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        cut_short()
    assert stage.store.space("qyl").state == before
    assert stage.push(HE, commit.raw).results[0].replayed is False


def test_a_snapshot_does_not_see_what_comes_later() -> None:
    stage = Stage()
    stage.push(HE, stage.commit(HE, "c1", create("h1", "f1", {"note": "a"})))
    with stage.store.snapshot("qyl", Reader(frozenset({"project"}))) as snapshot:
        stage.push(HE, stage.commit(HE, "c2", patch("h2", "f1", {"note": "h1"}, {"note": "b"})))
        ((seq, row),) = snapshot.rows(0, 10)
        assert (seq, row["data"], snapshot.head().seq) == (1, {"note": "a"}, 1)


class Counting(MemoryTransaction):
    """Counts what is asked of storage."""

    asked: Counter[str] = Counter()

    def __getattribute__(self, name: str) -> Any:
        if callable(getattr(MemoryTransaction, name, None)) and not name.startswith("_"):
            Counting.asked[name] += 1
        return super().__getattribute__(name)


def test_storage_is_asked_once_per_table_and_push_not_once_per_change() -> None:
    stage = Stage()
    stage.push(HE, stage.commit(HE, "c0", *[create(f"a{n}", f"f{n}", {"note": "a"}) for n in range(50)]))
    edits = [
        stage.commit(HE, f"c{n + 1}", patch(f"h{n}", f"f{n}", {"note": f"a{n}"}, {"note": "b"}))
        for n in range(50)
    ]
    fresh = [stage.commit(HE, f"d{n}", create(f"i{n}", f"g{n}", {"note": "a"})) for n in range(50)]
    Counting.asked.clear()
    tx = Counting(stage.store, "qyl")
    outcome = push(tx, stage.context(HE), [stage.read(commit) for commit in (*edits, *fresh)])
    assert {result.status for result in outcome.results} == {"applied"}
    reads = {"head", "receipts", "counters", "records", "changes", "parked_by", "parked_waiting_for", "write"}
    assert dict(Counting.asked) == dict.fromkeys(reads, 1)
