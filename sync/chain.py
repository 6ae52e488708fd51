"""The hash chain over the log of a space, and the checksum over its records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from sync.records import LogRow

GENESIS = "0" * 64
"""The chain hash at seq 0."""


def digest(salt: bytes, payload_hash: bytes) -> str:
    """SHA-256 in hex over salt and SHA-256 of a payload: says nothing about it once both are erased."""
    return sha256(salt + payload_hash).hexdigest()


def link(before: str, row: LogRow) -> str:
    """The chain hash at a row, in hex: over the hash before it, who and when, and the row's digest.

    The payload stays out, so that retention may erase it and the chain still stands. No part can hold a
    newline: ids and times are checked by the schemas before they come here.
    """
    parts = (
        before,
        str(row.seq),
        row.change,
        row.commit,
        row.record,
        row.kind,
        row.op,
        row.user,
        row.device,
        row.made_at,
        "" if row.offset is None else repr(float(row.offset)),
        row.arrived_at,
        row.digest,
    )
    return sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Broken:
    """The first link that does not hold."""

    seq: int
    reason: str
    """`gap` (a seq is missing), `payload` (payload or salt was changed) or `chain` (the row was)."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found."""

    head: int
    at: str
    rows: int
    erased: tuple[int, ...]
    """The seqs whose payload was erased by rule."""
    broken: Broken | None


def verify(rows: Iterable[LogRow], *, seq: int = 0, at: str = GENESIS) -> Verified:
    """Walk rows in seq order, starting after `seq` with the chain hash `at` there (protocol section 8).

    A row whose payload and salt are both empty counts as erased; its digest still holds the chain together.
    """
    count = 0
    erased: list[int] = []
    for row in rows:
        if row.seq != seq + 1:
            return Verified(seq, at, count, tuple(erased), Broken(seq + 1, "gap"))
        if not row.payload and not row.salt:
            erased.append(row.seq)
        elif digest(row.salt, sha256(row.payload).digest()) != row.digest:
            return Verified(seq, at, count, tuple(erased), Broken(row.seq, "payload"))
        if link(at, row) != row.chain:
            return Verified(seq, at, count, tuple(erased), Broken(row.seq, "chain"))
        seq, at, count = row.seq, row.chain, count + 1
    return Verified(seq, at, count, tuple(erased), None)


def record_sum(record: str, last_change: str) -> int:
    """What one record adds to a checksum: the first 8 bytes of SHA-256 over both ids, as a number."""
    return int.from_bytes(sha256((record + last_change).encode()).digest()[:8], "big")


def checksum(records: Iterable[tuple[str, str]]) -> str:
    """XOR of `record_sum` over (id, last change) of the live readable records, as 16 hex digits."""
    total = 0
    for record, last_change in records:
        total ^= record_sum(record, last_change)
    return f"{total:016x}"
