"""What a write transaction stores it gives back unchanged: one suite for every store."""

from __future__ import annotations

import pytest

from sync.memory import MemoryStore
from sync.ports import Store, Writes
from sync.records import Fate, Flag, Head
from tests.storage.values import log_row, parked, receipt, record, write


def test_an_empty_space_stands_at_zero(store: Store):
    with store.transaction("qyl") as tx:
        head = tx.head()
    assert (head.seq, len(head.at)) == (0, 64)


def test_records_come_back_as_they_were_written(store: Store):
    full = record(
        "r1",
        data={
            "name": "保洁一班",
            "photos": [{"id": "e1", "value": "p1"}],
            "n": 3,
            "none": None,
            "flag": True,
        },
        audience=("hr", "person:he"),
        versions={"name": "c7"},
        contested=("evaluation", "note"),
        removed={"photos": ("e2", "e3")},
        signed={"name": {"s1": ("name",)}},
    )
    write(store, records=[(None, full), (None, record("r2", deleted=True))])
    with store.transaction("qyl") as tx:
        found = tx.records(["r1", "r2", "unknown"])
    assert found == {"r1": full, "r2": record("r2", 2, deleted=True)}


def test_a_record_is_replaced_by_its_next_state(store: Store):
    first = record("r1")
    write(store, records=[(None, first)])
    second = record("r1", last_change="c2", data={"name": "保洁二班"}, versions={"name": "c2"})
    write(store, records=[(first, second)])
    with store.transaction("qyl") as tx:
        assert tx.records(["r1"]) == {"r1": second}
        assert tx.head().seq == second.seq == 2


def test_records_are_found_whatever_space_they_live_in(store: Store):
    write(store, "hq", records=[(None, record("standard", space="hq"))])
    with store.transaction("qyl") as tx:
        assert tx.records(["standard"])["standard"].space == "hq"


def test_changes_come_back_with_their_fates(store: Store):
    written = write(store, records=[(None, record("r1", last_change="c1"))])
    fates = [("c1", "note", Fate("same", "c0")), ("lost", "note", Fate("discarded", None))]
    write(store, fates=fates)
    write(store, fates=[("c1", "note", Fate("same", "c00")), ("c1", "*", Fate("same", None))])
    with store.transaction("xqgy") as tx:
        found = tx.changes(["c1", "lost", "unknown"])
    assert set(found) == {"c1", "lost"}
    assert found["c1"].row == written.log[0]
    assert found["c1"].fates == {"note": Fate("same", "c00"), "*": Fate("same", None)}
    assert found["lost"].row is None
    assert found["lost"].fates == {"note": Fate("discarded", None)}


def test_a_log_row_keeps_every_column(store: Store):
    row = log_row(
        1, previous="c0", replaced={"note": "c0"}, values={"evaluation": {"class": "GEN"}}, offset=None,
        jumped=True, payload=b'{"note":"\xe8\xa3\x82"}',
    )  # fmt: skip
    with store.transaction("qyl") as tx:
        tx.write(Writes(head=Head(1, row.chain, tx.head().epoch), log=[row], records=[(None, record("r1"))]))
    with store.transaction("qyl") as tx:
        assert tx.changes([row.change])[row.change].row == row
        assert tx.head().at == row.chain


def test_receipts_are_found_in_all_spaces_and_replaced(store: Store):
    write(store, receipts=[receipt("c1"), receipt("c2", None)])
    again = receipt("c1", hash="other")
    write(store, receipts=[again])
    with store.transaction("hq") as tx:
        assert tx.receipts(["c1", "c2", "unknown"]) == {"c1": again, "c2": receipt("c2", None)}


def test_numbers_are_counted_per_device_and_user_over_all_spaces(store: Store):
    write(store, receipts=[receipt("c1", 1), receipt("c5", 5), receipt("own", None)])
    write(
        store, "xqgy", receipts=[receipt("c7", 7, space="xqgy"), receipt("other", 9, device="second tablet")]
    )
    with store.transaction("qyl") as tx:
        counters = tx.counters("he", "tablet", [1, 2, 7, 9])
        nobody = tx.counters("nobody", "tablet", [1])
    assert counters.last == 7
    assert counters.used == {1: "c1", 7: "c7"}
    assert (nobody.last, nobody.used) == (0, {})


def test_parked_commits_are_found_by_id_author_and_what_they_wait_for(store: Store):
    first, second, broken = parked("c2", 2), parked("c1", 1, waits_for=("r8",)), parked("c3", None, raw=7)
    other = parked("c9", 9, user="tang", waits_for=("r9", "r8"))
    write(store, parked=[first, second, broken, other])
    with store.transaction("qyl") as tx:
        assert tx.parked(["c2", "c9", "unknown"]) == {"c2": first, "c9": other}
        assert {one.id for one in tx.parked_by("he", "tablet")} == {"c1", "c2", "c3"}
        if not isinstance(store, MemoryStore):
            raws = [one.raw for one in tx.parked_by("he", "tablet")]
            assert raws == [None] * 3, "every push asks, and what was sent may be megabytes"
        assert {one.id for one in tx.parked_waiting_for(["r8", "elsewhere"])} == {"c1", "c9"}
        assert tx.parked_by("he", "second tablet") == []
    with store.transaction("xqgy") as tx:
        assert tx.parked(["c2"]) == {}
        assert tx.parked_waiting_for(["r8"]) == []


def test_what_is_no_longer_parked_waits_for_nothing(store: Store):
    write(store, parked=[parked("c1")])
    write(store, parked=[parked("c1", state="discarded", waits_for=())])
    with store.transaction("qyl") as tx:
        assert tx.parked(["c1"])["c1"].state == "discarded"
        assert list(tx.parked_by("he", "tablet")) == list(tx.parked_waiting_for(["r9"])) == []


def test_a_parked_commit_may_come_to_wait_for_something_else(store: Store):
    write(store, parked=[parked("c1", waits_for=("r9",))])
    write(store, parked=[parked("c1", waits_for=("r8",))])
    with store.transaction("qyl") as tx:
        assert tx.parked_waiting_for(["r9"]) == []
        assert [one.id for one in tx.parked_waiting_for(["r8", "r9"])] == ["c1"]


def test_open_conflicts_are_found_by_their_record_until_they_are_resolved(store: Store):
    conflict = record("k1", kind="sync_conflict", data={"record": "r1", "unit": "note", "state": "open"})
    write(store, records=[(None, conflict)])
    with store.transaction("qyl") as tx:
        assert list(tx.open_conflicts(["r1", "r2"])) == [conflict]
        assert list(tx.open_conflicts(["k1"])) == []
    resolved = record(
        "k1", kind="sync_conflict", data={**conflict.data, "state": "resolved"}, last_change="c2"
    )
    write(store, records=[(conflict, resolved)])
    with store.transaction("qyl") as tx:
        assert list(tx.open_conflicts(["r1"])) == []


def test_an_exception_rolls_everything_back(store: Store):
    write(store, records=[(None, record("r1"))])
    with pytest.raises(KeyError):
        _write_and_fail(store)
    with store.transaction("qyl") as tx:
        assert tx.head().seq == 1
        assert not tx.records(["r2"])
        assert not tx.receipts(["c2"])
        assert not tx.parked(["c3"])
        assert not tx.changes(["c2"])


def _write_and_fail(store: Store) -> None:
    with store.transaction("qyl") as tx:
        head = tx.head()
        row = log_row(2, head.at, change="c2", record="r2")
        tx.write(
            Writes(
                head=Head(2, row.chain, head.epoch),
                log=[row],
                records=[(None, record("r2", 2))],
                receipts=[receipt("c2")],
                parked=[parked("c3")],
                fates=[("c2", "note", Fate("same", None))],
                flags=[Flag("gap", "he", "tablet", "c2", 4, "2-3", "now")],
            )
        )
        raise KeyError


def test_a_thousand_ids_are_one_question(store: Store):
    ids = [f"r{number}" for number in range(1000)]
    write(store, records=[(None, record(ident)) for ident in ids])
    with store.transaction("qyl") as tx:
        assert set(tx.records([*ids, *(f"unknown-{number}" for number in range(40_000))])) == set(ids)
        assert tx.records([]) == {}
