"""A pull: one page of the newest state of what a reader may read, or the word that he must start anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sync.ports import ReadSnapshot
from sync.records import Record


@dataclass(frozen=True, slots=True)
class Page:
    """Only `more: False` is a consistent state."""

    epoch: str
    since: int
    to: int
    """The device's next cursor."""
    head: int
    at: str
    """The chain hash at `to`, which the device sends back with that cursor."""
    more: bool
    rows: Sequence[Any]
    """As the snapshot gave them."""
    checksum: str | None


@dataclass(frozen=True, slots=True)
class Gone:
    """The cursor means nothing here any more (410): rebuild from 0, the outbox untouched."""

    reason: Literal["epoch", "at", "beyond_head"]


def pull(
    snapshot: ReadSnapshot, *, since: int, epoch: str, at: str, limit: int, checksum: bool = False
) -> Page | Gone:
    """Assemble the page after the cursor `since`; whoever starts at 0 needs neither epoch nor `at`.

    `checksum`: whether to add one on the last page.
    """
    head = snapshot.head()
    if since > 0:
        if epoch != head.epoch:
            return Gone("epoch")
        if since > head.seq:
            return Gone("beyond_head")
        if at != snapshot.chain_at(since):
            return Gone("at")
    # One row more than asked for tells whether another page follows.
    found = snapshot.rows(since, limit + 1)
    more = len(found) > limit
    rows = found[:limit]
    to = rows[-1][0] if more else head.seq
    reached = snapshot.chain_at(to) if more else head.at
    return Page(
        head.epoch,
        since,
        to,
        head.seq,
        reached or "",
        more,
        [row for _, row in rows],
        snapshot.checksum() if checksum and not more else None,
    )


def wire_row(record: Record) -> dict[str, Any]:
    """A record as it is sent. What was deleted keeps no content on the devices."""
    return {
        "kind": record.kind,
        "id": record.id,
        "seq": record.seq,
        "deleted": record.deleted,
        "data": {} if record.deleted else record.data,
        "created_by_change": record.created_by_change,
        "last_change": record.last_change,
        "versions": record.versions,
        "contested": list(record.contested),
    }
