"""A push: commits in, one answer each, in one transaction with one read and one write per table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync.canonical import derived_id
from sync.change import Author, BrokenCommit, Commit, receipt_id
from sync.decide import prefetch
from sync.parking import Arrival, Outcome, judge, replay
from sync.ports import Context, SpaceTransaction
from sync.records import Flag, FlagCode, Receipt
from sync.workspace import Workspace


def push(tx: SpaceTransaction, context: Context, commits: Sequence[Commit | BrokenCommit]) -> Outcome:
    """Take commits in, in the order in which they stand, and write all of it; an empty push writes nothing.

    The results stand in the order of the commits and show what each has become by the end of this push: a
    commit that waited for a later one of the same push is answered as taken in.
    """
    ws = Workspace(tx, context)
    ids = _identify(ws, commits)
    known = {ident for ident in ids if ws.receipt(ident) is not None}
    fresh = [commit for ident, commit in zip(ids, commits, strict=True) if ident not in known]
    prefetch(ws, [commit for commit in fresh if isinstance(commit, Commit)])
    numbers = _Numbers(ws, context.author, fresh)
    for ident, commit in zip(ids, commits, strict=True):
        if ws.receipt(ident) is None:
            numbers.check(ident, commit)
            judge(ws, Arrival(ident, commit, context.author, context.now))
    replays = replay(ws)
    results = []
    for ident in ids:
        receipt = ws.receipt(ident)
        assert receipt is not None
        results.append(replace(receipt.result, replayed=True) if ident in known else receipt.result)
        known.add(ident)
    return Outcome(ws.finish(), results, replays)


def _identify(ws: Workspace, commits: Sequence[Commit | BrokenCommit]) -> list[str]:
    """The receipt id of each commit: a derived one if its id stands for other content or another user."""
    author = ws.context.author
    plain = [receipt_id(commit) for commit in commits]
    ws.load_receipts(plain)
    taken: dict[str, tuple[str, str, str]] = {}
    ids = []
    for ident, commit in zip(plain, commits, strict=True):
        mine = (ws.space, author.user, commit.hash)
        receipt = ws.receipt(ident)
        holder = _holder(receipt) if receipt is not None else taken.setdefault(ident, mine)
        ids.append(ident if holder == mine else derived_id(ident, *mine))
    ws.load_receipts(ids)
    return ids


def _holder(receipt: Receipt) -> tuple[str, str, str]:
    return receipt.space, receipt.user, receipt.hash


class _Numbers:
    """Watches the numbers `n` of a device and user; what is odd about them is flagged, never refused."""

    def __init__(self, ws: Workspace, author: Author, commits: Sequence[Commit | BrokenCommit]) -> None:
        self._ws = ws
        self._author = author
        ns = {commit.n for commit in commits if commit.n is not None}
        counters = ws.tx.counters(author.user, author.device, ns) if ns else None
        self._last = counters.last if counters is not None else 0
        self._used = dict(counters.used) if counters is not None else {}

    def check(self, ident: str, commit: Commit | BrokenCommit) -> None:
        """Flag what is odd about a new commit."""
        if ident != receipt_id(commit):
            self._flag("commit_id_reused", ident, commit, commit.id or "")
        n = commit.n
        if n is None:
            return
        if n in self._used:
            self._flag("same_n", ident, commit, self._used[n])
        elif n > self._last + 1:
            self._flag("gap", ident, commit, f"{self._last + 1}-{n - 1}")
        elif n < self._last:
            self._flag("gap_filled", ident, commit, str(n))
        self._used.setdefault(n, ident)
        self._last = max(self._last, n)

    def _flag(self, code: FlagCode, ident: str, commit: Commit | BrokenCommit, detail: str) -> None:
        author, now = self._author, self._ws.context.now
        self._ws.flags.append(Flag(code, author.user, author.device, ident, commit.n, detail, now))
