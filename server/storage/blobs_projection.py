"""Which photo records name which bytes, kept in step in the transaction of the push."""

from __future__ import annotations

from server.storage.blobs_models import PhotoUse
from server.storage.database import Database, Row
from sync.ports import Writes

NAMES_BYTES = ("photo",)


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
