"""The whole verification; one thing rests on another: chains, records, signatures, photos."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from server.verify.chains import Disputes, Walk, check_chain
from server.verify.photos import check_photo
from server.verify.ports import Acknowledged, Originals, Stored, StoredRecord
from server.verify.problems import Figures, Problem
from server.verify.records import check_record, check_unrecorded, replayed
from server.verify.replay import Replay
from server.verify.seals import check_seals
from server.verify.signatures import Facts, check_signature, named_by
from sync.kinds import Catalogue
from sync.records import LogRow

SealKeys = Mapping[str, Mapping[str, Any]]
"""The public keys (JWK) with which the server may have sealed, by id."""


def verify(
    stored: Stored, originals: Originals, catalogue: Catalogue, seal_keys: SealKeys, figures: Figures
) -> Iterator[Problem]:
    """Everything that is wrong, as it is found; ``figures`` count along. Nothing is written."""
    for problem in _everything(stored, originals, catalogue, seal_keys, figures):
        figures.wrong += problem.wrong
        yield problem


def _everything(
    stored: Stored, originals: Originals, catalogue: Catalogue, seal_keys: SealKeys, figures: Figures
) -> Iterator[Problem]:
    # One view of the database, since a push in between would look like a difference between its tables.
    with stored.snapshot():
        walk = Walk()
        for space in stored.spaces():
            figures.spaces += 1
            yield from check_chain(space, stored.log(space.id), walk)
        figures.changes, figures.erased = walk.rows, walk.erased
        act = stored.act_broken_at()
        if act is not None:
            yield Problem("act_changed", detail=f"act {act}")
        for receipts in stored.receipts():
            yield from _receipts(receipts, stored)
            figures.commits += len(receipts)
        yield from _unreceipted(stored)
        yield from _records(stored, catalogue, walk.disputes, figures)
        yield from _signatures(stored, catalogue, walk.disputes, seal_keys, figures)
        yield from check_seals(stored.stray_seals(), seal_keys, {}, {})
    # Photos take the longest and only ever become more; no view of the database is held open meanwhile.
    for photos in stored.photos():
        named = stored.records([use[0] for photo in photos for use in photo.uses])
        for photo in photos:
            figures.photos += 1
            yield from check_photo(photo, originals, named, figures)


def _receipts(receipts: Sequence[Acknowledged], stored: Stored) -> Iterator[Problem]:
    """What was acknowledged is in the log: a device may have forgotten it since (I1)."""
    logged = stored.seqs([change for receipt in receipts for change in receipt.seqs])
    for receipt in receipts:
        for change, seq in receipt.seqs.items():
            if logged.get(change) != (receipt.space, seq):
                place, people = (receipt.space, seq, change), (receipt.user,)
                yield Problem("acknowledged_lost", *place, people=people, detail=f"commit {receipt.commit}")


def _unreceipted(stored: Stored) -> Iterator[Problem]:
    """What is in the log was acknowledged: sent again, it must find its answer (I2)."""
    for space, commit, seq, change, user in stored.unreceipted():
        yield Problem("receipt_missing", space, seq, change, people=(user,), detail=f"commit {commit}")


def _records(stored: Stored, catalogue: Catalogue, disputes: Disputes, figures: Figures) -> Iterator[Problem]:
    for page in stored.pages():
        figures.records += len(page)
        histories = stored.histories([one.id for one in page])
        for one in page:
            history = histories.get(one.id, ())
            replay = replayed(one, history, catalogue, disputes)
            yield from check_record(one, history, replay, disputes)
    missing = stored.unrecorded()
    if missing:
        yield from check_unrecorded(stored.histories(missing))


def _signatures(
    stored: Stored, catalogue: Catalogue, disputes: Disputes, seal_keys: SealKeys, figures: Figures
) -> Iterator[Problem]:
    keys = stored.keys()
    for page in stored.pages("signature"):
        figures.signatures += len(page)
        signatures = [one.record for one in page if one.record is not None]
        records = stored.records({ident for one in signatures for ident in named_by(one)})
        facts = Facts(keys, records, _made_anew(stored, records, catalogue, disputes))
        for one in signatures:
            yield from check_signature(one, facts)
        by_id = {one.id: one for one in signatures}
        yield from check_seals(stored.seals(list(by_id)), seal_keys, by_id, _taken_in(stored, by_id))


def _taken_in(stored: Stored, signatures: Collection[str]) -> dict[str, LogRow]:
    """By signature, the log row that created it."""
    histories = stored.histories(signatures)
    rows = [row for history in histories.values() for _, row in history if row.op == "create"]
    return {row.record: row for row in rows}


def _made_anew(
    stored: Stored, records: Mapping[str, StoredRecord], catalogue: Catalogue, disputes: Disputes
) -> dict[str, Replay]:
    histories = stored.histories(list(records))
    made = {}
    for ident, one in records.items():
        replay = replayed(one, histories.get(ident, ()), catalogue, disputes)
        if replay is not None and replay.rows:
            made[ident] = replay
    return made
