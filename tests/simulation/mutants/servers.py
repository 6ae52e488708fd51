"""What stands around the engine on the server, done wrongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import sync.pull
import sync.push
import tests.simulation.cast as cast
from sync.change import break_commit
from sync.parking import Outcome
from sync.pull import Page
from tests.simulation.cast import OLD_FORMAT, Formats
from tests.simulation.mutants.catching import Mutant, put
from tests.simulation.server import UNREADABLE, Server

Patches = list[AbstractContextManager[Any]]


def _answers_forgotten() -> Patches:
    """Sent again, a conflict is said to be applied."""
    right = sync.push.push

    def wrong(tx: Any, context: Any, commits: Any) -> Outcome:
        outcome = right(tx, context, commits)
        told = [
            replace(r, status="applied", conflicts=()) if r.replayed and r.status == "conflict" else r
            for r in outcome.results
        ]
        return replace(outcome, results=told)

    return [put("tests.simulation.server.push", wrong)]


def _cursor_runs_ahead() -> Patches:
    right = sync.pull.pull

    def wrong(snapshot: Any, **asked: Any) -> Any:
        page = right(snapshot, **asked)
        if isinstance(page, Page) and page.more:
            return replace(page, to=page.head, at=snapshot.chain_at(page.head))
        return page

    return [put("tests.simulation.server.pull", wrong)]


def _epoch_without_rights() -> Patches:
    return [put("tests.simulation.backends.memory_epoch", lambda generation, reader: generation)]


def _epoch_kept() -> Patches:
    right = Server.restore

    def wrong(self: Server, copy: Any) -> None:
        self.generation -= 1
        right(self, copy)

    return [put("tests.simulation.server.Server.restore", wrong)]


def _old_refused() -> Patches:
    right = Formats.read

    def wrong(self: Formats, raw: Any, format: int = 2) -> Any:
        if format == OLD_FORMAT:
            return break_commit(raw, "unknown_format", "too old", format=format)
        return right(self, raw, format)

    return [put("tests.simulation.cast.Formats.read", wrong)]


def _old_misread() -> Patches:
    right = cast.raise_old

    def wrong(raw: Mapping[str, Any]) -> dict[str, Any]:
        raised = right(raw)
        for change in raised["changes"]:
            if change.get("set", {}).get("note") is not None:
                change["set"]["note"] = str(change["set"]["note"]).upper()
        return raised

    return [put("tests.simulation.cast.raise_old", wrong)]


def _not_learned() -> Patches:
    right = Server.second_look

    def wrong(self: Server, codes: Sequence[str], user: str | None = None) -> None:
        right(self, [code for code in codes if code not in UNREADABLE], user)

    return [put("tests.simulation.server.Server.second_look", wrong)]


def _hash_guess() -> Patches:
    return [put("tests.simulation.server.Server._may_ask", lambda self, user, sha: sha in self.blobs)]


def _forbidden_is_dropped() -> Patches:
    """Work of somebody without rights is said to be parked and thrown away."""
    right = sync.push.push

    def wrong(tx: Any, context: Any, commits: Any) -> Outcome:
        outcome = right(tx, context, commits)
        if getattr(tx, "writes", None) is not None:
            dropped = {p.id for p in tx.writes.parked if p.reason["code"] == "forbidden"}
            tx.writes.parked = [p for p in tx.writes.parked if p.id not in dropped]
            tx.writes.receipts = [r for r in tx.writes.receipts if r.id not in dropped]
        return outcome

    return [put("tests.simulation.server.push", wrong)]


RESTORES = {"backup": 8, "restore": 8, "take": 0, "revoke": 0, "lose": 0}
RIGHTS = {"take": 12, "give": 4}

SERVERS = (
    Mutant(
        "answers_forgotten",
        "I2",
        "a final answer is another one when it is asked for again",
        _answers_forgotten,
        {"resend": 20},
    ),
    Mutant("cursor_runs_ahead", "I5", "a page moves the cursor further than it reaches", _cursor_runs_ahead),
    Mutant(
        "epoch_without_rights", "I11", "the epoch stays when a right is lost", _epoch_without_rights, RIGHTS
    ),
    Mutant(
        "forbidden_is_dropped",
        "I1",
        "what its author may not do any more is not kept",
        _forbidden_is_dropped,
        RIGHTS,
    ),
    Mutant("old_refused", "I13", "a format of a year ago is not read", _old_refused, {"old": 10}),
    Mutant(
        "old_misread", "I13", "a format of a year ago is read as something else", _old_misread, {"old": 10}
    ),
    Mutant(
        "not_learned",
        "I13",
        "an updated server leaves parked what it can read now",
        _not_learned,
        {"memo": 10},
    ),
    Mutant("epoch_kept", "I14", "a restored server says the epoch that it had", _epoch_kept, RESTORES),
    Mutant(
        "hash_guess", "I17", "`have` tells of any blob", _hash_guess, {"guess": 30, "shoot": 20, "create": 20}
    ),
)
