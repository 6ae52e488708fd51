"""The server's seals: what is checked of each, on seals made here as decision 0013 writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import pytest

from server.verify.seals import check_seals
from sync.records import LogRow, Record
from tests.signing import DeviceKey, canonical

SERVER = DeviceKey()
SNAPSHOT, HAND = '{"form":"rounds-signature-1"}', "h" * 86
SIGNATURE = Record(
    "s1", "signature", "qyl", {"snapshot": SNAPSHOT, "device_signature": HAND, "signer": "p1"}, "u1",
    ("management",), "c1", "c1", 9,
)  # fmt: skip
ROW = LogRow(9, "c1", "k1", "s1", "signature", "create", "u1", "d1", "2026-11-03T10:20:00+08:00", 0.5,
             "2026-11-03T10:21:00+08:00", None, {}, {}, b"{}", b"salt", "d", "f" * 64)  # fmt: skip


@dataclass(frozen=True)
class Seal:
    """A row of ``seals``."""

    signature: str
    space: str
    seq: int
    payload: str
    seal: str
    key_id: str


def seal(**parts: Any) -> Seal:
    """A seal over SIGNATURE; ``parts`` of its payload may differ."""
    payload = {
        "form": "rounds-seal-1", "signature": "s1", "space": "qyl", "device_signature": HAND, "seq": 9,
        "snapshot_sha256": sha256(SNAPSHOT.encode()).hexdigest(), "arrived_at": ROW.arrived_at,
        "chain": ROW.chain,
    }  # fmt: skip
    text = canonical(payload | parts)
    return Seal("s1", "qyl", 9, text, SERVER.sign(text), "k")


def found(*rows: Seal) -> list[tuple[str, str]]:
    problems = check_seals(rows, {"k": SERVER.jwk}, {"s1": SIGNATURE}, {"s1": ROW})
    return [(problem.code, problem.field) for problem in problems]


def test_a_seal_that_fits_is_clean() -> None:
    assert found(seal()) == []


@pytest.mark.parametrize(
    "part", ["signature", "space", "snapshot_sha256", "device_signature", "arrived_at", "seq", "chain"]
)
def test_each_part_of_a_seal_must_agree(part: str) -> None:
    assert found(seal(**{part: "other"})) == [("seal_mismatch", part)]


@pytest.mark.parametrize(
    "spoil, expected",
    [
        (lambda one: replace(one, seal=DeviceKey().sign(one.payload)), [("seal_forged", "")]),
        (lambda one: replace(one, key_id="other"), [("seal_key_unknown", "")]),
        (lambda one: replace(one, seq=8), [("seal_mismatch", "seq")]),
        (lambda one: replace(one, payload="{}"), [("seal_forged", ""), ("seal_forged", "form")]),
        (lambda one: replace(one, signature="s2"), [("seal_orphan", ""), ("seal_missing", "")]),
    ],
)
def test_a_seal_that_does_not_hold_is_named(
    spoil: Callable[[Seal], Seal], expected: list[tuple[str, str]]
) -> None:
    assert found(spoil(seal())) == expected


def test_a_signature_without_a_seal_is_named() -> None:
    assert found() == [("seal_missing", "")]
