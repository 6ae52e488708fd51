"""Which records and parked commits name which bytes, kept in step in the transaction of the push."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from server.storage.blobs_models import ParkedPhoto, PhotoUse
from server.storage.database import Database, Row
from sync.ports import Writes
from sync.records import Parked

NAMES_BYTES = ("photo",)
_HASH = re.compile("[0-9a-f]{64}")


class PhotoUses:
    """Follows the kinds whose ``sha256`` names a blob. ``author`` is whoever created the record, by his token
    and not by what the record says of itself."""

    def apply(self, tx: Database, space: str, writes: Writes) -> None:
        """See `projections.Projection`."""
        rows: list[Row] = []
        for _, after in writes.records:
            if after.kind not in NAMES_BYTES:
                continue
            if after.deleted:
                tx.run("DELETE FROM photo_uses WHERE record = ?", (after.id,))
            else:
                rows.append((after.id, space, after.data["sha256"], after.author, " ".join(after.audience)))
        if rows:
            tx.run_many(tx.table(PhotoUse).upsert, rows)
        _refer(tx, writes.parked)


def _refer(tx: Database, parked: Iterable[Parked]) -> None:
    """A parked commit refers to its photos until it is taken in or given up (protocol section 6)."""
    for one in parked:
        tx.run("DELETE FROM parked_photos WHERE parked = ?", (one.id,))
        if one.state == "parked":
            rows = [(one.id, sha256) for sha256 in sorted(set(hashes_named(one.raw)))]
            if rows:
                tx.run_many(tx.table(ParkedPhoto).insert, rows)


def hashes_named(raw: Any) -> Iterator[str]:
    """The hashes that a commit names, which may be of any shape: it was parked."""
    changes = raw.get("changes") if isinstance(raw, dict) else None
    for change in changes if isinstance(changes, list) else ():
        fields = change.get("set") if isinstance(change, dict) and change.get("kind") in NAMES_BYTES else None
        sha256 = fields.get("sha256") if isinstance(fields, dict) else None
        if isinstance(sha256, str) and _HASH.fullmatch(sha256):
            yield sha256
