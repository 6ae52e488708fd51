"""The server's seal over each signature: when it arrived and where it stands in the log (decision 0013)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from server.evidence.signatures import verifies
from server.verify.ports import SealRow
from server.verify.problems import Problem
from server.verify.records import brief
from sync.canonical import read_signable
from sync.records import LogRow, Record

SEAL_FORM = "rounds-seal-1"


def check_seals(
    rows: Iterable[SealRow],
    keys: Mapping[str, Mapping[str, Any]],
    signatures: Mapping[str, Record],
    created: Mapping[str, LogRow],
) -> Iterator[Problem]:
    """Seals that do not hold, and signatures without one.

    ``keys``: public JWKs of the server by id. ``created``: by signature, the log row that took it in.
    """
    sealed = set()
    for row in rows:
        sealed.add(row.signature)
        record, taken = signatures.get(row.signature), created.get(row.signature)
        if record is None or taken is None:
            yield Problem("seal_orphan", row.space, row.seq, "", row.signature, "signature")
            continue
        people = (str(record.data.get("signer")),)
        place = (record.space, taken.seq, taken.change, record.id, record.kind)
        if row.key_id not in keys:
            yield Problem("seal_key_unknown", *place, people=people, detail=f"key {row.key_id}")
        elif not verifies(keys[row.key_id], row.seal, row.payload.encode()):
            yield Problem("seal_forged", *place, people=people, detail=f"key {row.key_id}")
        said = read_signable(row.payload, SEAL_FORM)
        if said is None:
            yield Problem("seal_forged", *place, "form", people)
            continue
        for field, right in _rightly(record, taken).items():
            if said.get(field) != right:
                detail = f"{brief(said.get(field))} ≠ {brief(right)}"
                yield Problem("seal_mismatch", *place, field, people, detail=detail)
        if (row.space, row.seq) != (record.space, taken.seq):
            yield Problem("seal_mismatch", *place, "seq", people, detail=f"{row.space} {row.seq}")
    for ident in sorted(signatures.keys() - sealed):
        one = signatures[ident]
        people = (str(one.data.get("signer")),)
        yield Problem("seal_missing", one.space, one.seq, one.last_change, ident, one.kind, people=people)


def _rightly(record: Record, taken: LogRow) -> dict[str, Any]:
    return {
        "signature": record.id,
        "space": record.space,
        "snapshot_sha256": sha256(str(record.data.get("snapshot")).encode()).hexdigest(),
        "device_signature": record.data.get("device_signature"),
        "arrived_at": taken.arrived_at,
        "seq": taken.seq,
        "chain": taken.chain,
    }
