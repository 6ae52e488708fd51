"""Servers that are broken on purpose, each in one way, so that it is seen whether the oracle notices."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from server.storage.blobs_register import BlobRegister, Held
from server.storage.dialect import Sqlite
from server.storage.snapshot import SqlSnapshot
from server.storage.transaction import SqlTransaction
from sync import claims
from sync.kinds import Unit
from sync.policies import Verdict
from sync.policies import settle as settle_rightly


def forget_receipts() -> None:
    """It answers, and forgets that it did."""
    write = SqlTransaction.write

    def forgetful(self: SqlTransaction, writes: Any) -> None:
        write(self, replace(writes, receipts=[]))

    SqlTransaction.write = forgetful  # type: ignore[method-assign]


def answer_before_committing() -> None:
    """Now and then a push is not committed, and it had been answered that all is well."""
    write, commit, turns = SqlTransaction.write, Sqlite.commit, itertools.count(1)
    doomed = threading.local()

    def hasty_write(self: SqlTransaction, writes: Any) -> None:
        write(self, writes)
        doomed.now = bool(writes.log) and next(turns) % 2 == 0

    def hasty_commit(self: Sqlite, connection: Any) -> None:
        if getattr(doomed, "now", False):
            doomed.now = False
            connection.execute("ROLLBACK")
        else:
            commit(self, connection)

    SqlTransaction.write = hasty_write  # type: ignore[method-assign]
    Sqlite.commit = hasty_commit  # type: ignore[method-assign]


def let_the_last_writer_win() -> None:
    """Whoever comes later overwrites what he has not seen."""

    def greedy(unit: Unit, current: Any, incoming: Any, *, seen: bool, barred: bool) -> Verdict:
        verdict = settle_rightly(unit, current, incoming, seen=seen, barred=barred)
        return Verdict.OVERWRITE if verdict is Verdict.HOLD and not barred else verdict

    claims.settle = greedy  # type: ignore[attr-defined]


def let_signed_values_change() -> None:
    """A signature keeps nobody out."""

    def careless(unit: Unit, current: Any, incoming: Any, *, seen: bool, barred: bool) -> Verdict:
        return settle_rightly(unit, current, incoming, seen=seen, barred=False)

    claims.settle = careless  # type: ignore[attr-defined]


def show_everything() -> None:
    """A pull asks for no audience."""
    SqlSnapshot._condition = lambda self: ("", [])  # type: ignore[method-assign]


def claim_to_hold() -> None:
    """`have` says yes to whatever is asked."""
    held_among = BlobRegister.held_among

    def boastful(self: BlobRegister, hashes: Collection[str]) -> Mapping[str, Held]:
        return dict.fromkeys(hashes, Held("image/jpeg", 1, 1, 1)) | held_among(self, hashes)

    BlobRegister.held = lambda self, sha256: held_among(self, [sha256]).get(sha256)  # type: ignore[method-assign]
    BlobRegister.held_among = boastful  # type: ignore[method-assign,assignment]
    blobs_senders = BlobRegister.senders_among
    everybody = _Everybody()
    BlobRegister.senders_among = (  # type: ignore[method-assign]
        lambda self, hashes: dict.fromkeys(hashes, everybody) | blobs_senders(self, hashes)
    )


class _Everybody(set[str]):
    def __contains__(self, _: object) -> bool:
        return True


BREAKS: Mapping[str, Callable[[], None]] = {
    "forgets receipts": forget_receipts,
    "answers before committing": answer_before_committing,
    "lets the last writer win": let_the_last_writer_win,
    "lets signed values change": let_signed_values_change,
    "shows everything": show_everything,
    "claims to hold": claim_to_hold,
}
