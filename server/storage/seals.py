"""Seals over signatures, made in the transaction of the push, and signatures with what proves them (X-07)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import orjson

from server.storage.database import Database, Row
from server.storage.evidence_models import SealRow, SignedFinding
from server.storage.models import LogEntry
from server.storage.rows import read_log_row
from sync.canonical import canonical
from sync.chain import GENESIS
from sync.ports import Writes
from sync.records import LogRow

SIGNATURE = "signature"
SEAL_FORM = "rounds-seal-1"


class Sealer(Protocol):
    """Whose key it is."""

    @property
    def id(self) -> str: ...

    def sign(self, text: str) -> str:
        """r‖s in base64url over the UTF-8 bytes of a text."""
        ...


class Seals:
    """Seals every signature that is taken in, whatever brought it. A `projections.Projection`."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def apply(self, tx: Database, space: str, writes: Writes) -> None:
        """See `projections.Projection`."""
        taken = [row for row in writes.log if row.kind == SIGNATURE and row.op == "create"]
        if not taken:
            return
        data = {after.id: after.data for _, after in writes.records}
        self._seal(tx, space, [(row, data[row.record]) for row in taken])

    def seal_earlier(self, tx: Database) -> int:
        """Seal what was taken in before there were seals; how many. Only for the start that makes the table:
        at any other time a seal that is missing was removed, and `make verify` must say so."""
        rows = tx.rows(_UNSEALED)
        for row in rows:
            self._seal(tx, row[0], [(read_log_row(row[:-1]), orjson.loads(row[-1]))])
        return len(rows)

    def _seal(self, tx: Database, space: str, taken: Iterable[tuple[LogRow, Mapping[str, Any]]]) -> None:
        seals: list[Row] = []
        findings: set[tuple[str, str]] = set()
        for row, data in taken:
            payload = canonical(seal_payload(space, row, data)).decode()
            seal = self._sealer.sign(payload)
            seals.append((row.record, space, row.seq, payload, seal, self._sealer.id))
            findings |= {(finding, row.record) for finding in data["findings"]}
        tx.run_many(tx.table(SealRow).insert, seals)
        tx.run_many(tx.table(SignedFinding).insert, sorted(findings))


def seal_payload(space: str, row: LogRow, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a seal says of the signature that a log row took in."""
    return {
        "form": SEAL_FORM,
        "signature": row.record,
        "space": space,
        "snapshot_sha256": sha256(data["snapshot"].encode()).hexdigest(),
        "device_signature": data["device_signature"],
        "arrived_at": row.arrived_at,
        "seq": row.seq,
        "chain": row.chain,
    }


@dataclass(frozen=True, slots=True)
class Seal:
    """A row of ``seals``."""

    signature: str
    space: str
    seq: int
    payload: str
    seal: str
    key_id: str


@dataclass(frozen=True, slots=True)
class SealedSignature:
    """A signature, the log row that took it in, and its seal (``None``: it was removed)."""

    id: str
    space: str
    audience: tuple[str, ...]
    data: Mapping[str, Any]
    taken: LogRow
    seal: Seal | None


class Signatures:
    """Queries over signatures; who may see what is decided by the caller."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def finding_audience(self, space: str, finding: str) -> tuple[str, ...]:
        """Who may read a finding of a space; nobody, if there is none."""
        row = self.database.row(
            "SELECT audience FROM records WHERE id = ? AND space = ? AND kind = 'finding' AND deleted = 0",
            (finding, space),
        )
        return tuple(row[0].split(" ")) if row else ()

    def of_finding(self, space: str, finding: str) -> list[SealedSignature]:
        """Every signature that names a finding of a space, the newest first."""
        return self._read(f"{_SELECT} AND r.space = ? AND r.id IN ({_NAMING}) {_ORDER}", (space, finding))

    def one(self, space: str, ident: str) -> SealedSignature | None:
        """One signature of a space."""
        found = self._read(f"{_SELECT} AND r.space = ? AND r.id = ?", (space, ident))
        return found[0] if found else None

    def signed_units(self, records: Collection[str]) -> dict[str, dict[str, Collection[str]]]:
        """By record and merge unit: the signatures that cover its present value."""
        where, values = self.database.dialect.among("id", records)
        rows = self.database.rows(f"SELECT id, signed FROM records WHERE {where}", values)
        return {row[0]: orjson.loads(row[1]) for row in rows}

    def chain_before(self, space: str, seq: int) -> str | None:
        """The chain hash that a log row joins onto; ``None`` if the row before it is not retained."""
        if seq == 1:
            return GENESIS
        row = self.database.row("SELECT chain FROM log WHERE space = ? AND seq = ?", (space, seq - 1))
        return row[0] if row else None

    def _read(self, sql: str, values: Sequence[Any]) -> list[SealedSignature]:
        rows = self.database.rows(sql, values)
        return [_sealed(row) for row in rows]


def seals_of(database: Database, signatures: Collection[str]) -> list[Seal]:
    """The seals of these signatures."""
    where, values = database.dialect.among("signature", sorted(signatures))
    rows = database.rows(f"{database.table(SealRow).select} WHERE {where}", values)
    return [Seal(*row) for row in rows]


def stray_seals(database: Database) -> list[Seal]:
    """Seals of signatures that are not there."""
    rows = database.rows(f"{database.table(SealRow).select} s WHERE NOT EXISTS ({_RECORD})")
    return [Seal(*row) for row in rows]


_LOG = ", ".join(f'l."{field.column_name}"' for field in LogEntry._meta.sorted_fields)
_HEAD = "r.id, r.space, r.audience, r.data, s.payload, s.seal, s.key_id"
_SELECT = (
    f"SELECT {_HEAD}, {_LOG} FROM records r JOIN log l ON l.change = r.created_by_change "
    f"LEFT JOIN seals s ON s.signature = r.id WHERE r.kind = '{SIGNATURE}' AND r.deleted = 0"
)
_NAMING = "SELECT signature FROM signed_findings WHERE finding = ?"
_ORDER = "ORDER BY l.seq DESC"
_RECORD = f"SELECT 1 FROM records r WHERE r.id = s.signature AND r.kind = '{SIGNATURE}'"
_UNSEALED = (
    f"SELECT {_LOG}, r.data FROM records r JOIN log l ON l.change = r.created_by_change "
    f"WHERE r.kind = '{SIGNATURE}' AND NOT EXISTS (SELECT 1 FROM seals s WHERE s.signature = r.id) "
    "ORDER BY l.space, l.seq"
)


def _sealed(row: Row) -> SealedSignature:
    ident, space, audience, data, payload, seal, key_id, *log = row
    taken = read_log_row(tuple(log))
    kept = Seal(ident, space, taken.seq, payload, seal, key_id) if payload is not None else None
    return SealedSignature(ident, space, tuple(audience.split(" ")), orjson.loads(data), taken, kept)
