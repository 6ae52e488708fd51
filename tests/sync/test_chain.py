"""The chain over a space's log, and the checksum over its records (protocol sections 2 and 8)."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from sync.chain import GENESIS, Broken, checksum, verify
from sync.records import LogRow
from tests.sync.stage import Stage, create, patch


def log() -> list[LogRow]:
    """Four changes of one finding."""
    stage = Stage()
    stage.push("he@t1", stage.commit("he@t1", "c1", create("h1", "f1", {"note": "a"})))
    for n, base in enumerate(("h1", "p0", "p1")):
        change = patch(f"p{n}", "f1", {"note": base}, {"note": f"b{n}"})
        stage.push("he@t1", stage.commit("he@t1", f"d{n}", change))
    return list(stage.store.space("qyl").log)


def test_an_untouched_chain_holds_from_the_start_and_from_any_retained_head() -> None:
    rows = log()
    whole = verify(rows)
    assert (whole.head, whole.at, whole.rows, whole.erased, whole.broken) == (4, rows[-1].chain, 4, (), None)
    assert verify(rows[2:], seq=2, at=rows[1].chain).broken is None
    assert verify([]).at == GENESIS


def test_erasing_payload_and_salt_by_rule_leaves_the_chain_whole() -> None:
    rows = log()
    rows[1] = replace(rows[1], payload=b"", salt=b"")
    assert verify(rows).erased == (2,)
    assert verify(rows).broken is None


@pytest.mark.parametrize(
    "name, value, reason",
    [
        ("payload", b"{}", "payload"),
        ("salt", b"", "payload"),
        ("payload", b"", "payload"),
        ("digest", "0" * 64, "payload"),
        ("user", "xie", "chain"),
        ("device", "t9", "chain"),
        ("made_at", "2020-01-01T00:00:00+08:00", "chain"),
        ("arrived_at", "2020-01-01T00:00:00+08:00", "chain"),
        ("offset", 0.0, "chain"),
        ("record", "f9", "chain"),
        ("op", "delete", "chain"),
        ("change", "p9", "chain"),
        ("commit", "c9", "chain"),
        ("kind", "area", "chain"),
        ("chain", "0" * 64, "chain"),
    ],
)
def test_the_first_broken_link_is_named(name: str, value: Any, reason: str) -> None:
    rows = log()
    rows[2] = replace(rows[2], **{name: value})
    found = verify(rows)
    assert (found.broken, found.rows) == (Broken(3, reason), 2)


def test_a_missing_row_is_a_gap_and_a_swapped_pair_too() -> None:
    rows = log()
    assert verify([rows[0], *rows[2:]]).broken == Broken(2, "gap")
    assert verify([rows[1], rows[0]]).broken == Broken(1, "gap")


def test_history_rewritten_from_a_point_on_meets_another_hash_at_every_later_cursor() -> None:
    rows, others = log(), log()
    assert rows[-1].chain == others[-1].chain
    stage = Stage()
    stage.push("he@t1", stage.commit("he@t1", "c1", create("h1", "f1", {"note": "rewritten"})))
    assert stage.store.space("qyl").log[0].chain != rows[0].chain


def test_the_checksum_is_the_exclusive_or_of_eight_bytes_each() -> None:
    one = sha256(b"f1c1").digest()[:8]
    two = sha256(b"f2c2").digest()[:8]
    assert checksum([]) == "0000000000000000"
    assert checksum([("f1", "c1")]) == one.hex()
    both = bytes(a ^ b for a, b in zip(one, two, strict=True)).hex()
    assert checksum([("f1", "c1"), ("f2", "c2")]) == checksum([("f2", "c2"), ("f1", "c1")]) == both
