"""What a reader gets to see: one suite for every store."""

from __future__ import annotations

import threading

import pytest

from sync.chain import GENESIS, checksum
from sync.ports import Reader, Store
from tests.storage.values import record, wire, write

EVERYBODY = Reader(frozenset({"project", "person:tang"}))
HR = Reader(frozenset({"project", "hr"}))


@pytest.fixture
def filled(store: Store) -> Store:
    """Four records: two for everybody, one of them deleted, one for hr, one for hr and tang."""
    write(
        store,
        records=[
            (None, record("r1")),
            (None, record("r2", deleted=True, data={"name": "gone"})),
            (None, record("secret", audience=("hr",))),
            (
                None,
                record(
                    "shared", audience=("hr", "person:tang"), contested=("note",), versions={"note": "c9"}
                ),
            ),
        ],
    )
    return store


def test_rows_come_in_seq_order_with_what_the_wire_wants(filled: Store):
    with filled.snapshot("qyl", EVERYBODY) as snapshot:
        rows = snapshot.rows(0, 10)
    assert [seq for seq, _ in rows] == [1, 2, 4]
    first, second, third = wire(rows)
    assert first == {
        "kind": "team", "id": "r1", "seq": 1, "deleted": False, "data": {"name": "保洁一班"},
        "created_by_change": "r1-made", "last_change": "r1-made", "versions": {}, "contested": [],
    }  # fmt: skip
    assert (second["id"], second["deleted"], second["data"]) == ("r2", True, {})
    assert (third["contested"], third["versions"]) == (["note"], {"note": "c9"})


def test_a_page_begins_after_the_cursor_and_ends_at_its_limit(filled: Store):
    with filled.snapshot("qyl", HR) as snapshot:
        assert [seq for seq, _ in snapshot.rows(1, 2)] == [2, 3]
        assert [seq for seq, _ in snapshot.rows(3, 9)] == [4]
        assert list(snapshot.rows(4, 9)) == []


def test_nobody_sees_what_is_not_for_him(filled: Store):
    readers = {
        "hr": HR, "tang": EVERYBODY, "nobody": Reader(frozenset()),
        "one kind": Reader(frozenset({"hr"}), frozenset({"photo"})),
    }  # fmt: skip
    seen = {}
    for name, reader in readers.items():
        with filled.snapshot("qyl", reader) as snapshot:
            seen[name] = [row["id"] for row in wire(snapshot.rows(0, 10))]
    assert seen == {"hr": ["r1", "r2", "secret", "shared"], "tang": ["r1", "r2", "shared"], "nobody": [],
                    "one kind": []}  # fmt: skip


def test_the_checksum_is_over_the_live_readable_records(filled: Store):
    expected = {
        "hr": [("r1", "r1-made"), ("secret", "secret-made"), ("shared", "shared-made")],
        "tang": [("r1", "r1-made"), ("shared", "shared-made")],
    }
    for name, reader in (("hr", HR), ("tang", EVERYBODY)):
        with filled.snapshot("qyl", reader) as snapshot:
            assert snapshot.checksum() == checksum(expected[name])
    with filled.snapshot("hq", HR) as snapshot:
        assert snapshot.checksum() == "0" * 16


def test_the_chain_is_known_at_every_retained_seq(filled: Store):
    with filled.snapshot("qyl", HR) as snapshot:
        head = snapshot.head()
        assert (head.seq, snapshot.chain_at(head.seq)) == (4, head.at)
        assert snapshot.chain_at(0) == GENESIS
        assert snapshot.chain_at(5) is None


def test_a_snapshot_stays_what_it_was_while_others_write(filled: Store):
    with filled.snapshot("qyl", HR) as snapshot:
        before = snapshot.head()
        writer = threading.Thread(target=lambda: write(filled, records=[(None, record("later"))]))
        writer.start()
        writer.join(10)
        assert not writer.is_alive(), "the writer waits for the reader"
        assert snapshot.head() == before
        assert len(snapshot.rows(0, 10)) == 4
    with filled.snapshot("qyl", HR) as snapshot:
        assert snapshot.head().seq == 5


def test_a_reader_waits_for_no_writer(filled: Store):
    seen: list[int] = []

    def read() -> None:
        with filled.snapshot("qyl", HR) as snapshot:
            seen.append(snapshot.head().seq)

    with filled.transaction("qyl") as tx:
        tx.head()
        reader = threading.Thread(target=read)
        reader.start()
        reader.join(10)
    assert seen == [4]
