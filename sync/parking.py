"""Commits on their way in: taken, or parked whole until what they wait for is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sync.change import Author, BrokenCommit, Change, Commit, receipt_id
from sync.checks import referred
from sync.decide import decide, prefetch
from sync.draft import Park
from sync.kinds import WHOLE
from sync.ports import Context, SpaceTransaction
from sync.records import Head, Parked, Receipt, Result
from sync.workspace import Workspace

LONGEST_NAME = 200


@dataclass(slots=True)
class Outcome:
    """What a push, retry or discard came to."""

    head: Head
    results: list[Result]
    """One per commit asked about, in order."""
    replays: list[Result]
    """Of commits parked earlier that were judged anew because what they waited for came or went."""


@dataclass(slots=True)
class Arrival:
    """A commit to be judged."""

    id: str
    """Of its receipt: the commit's id, unless that is unreadable or taken."""
    commit: Commit | BrokenCommit
    author: Author
    arrived_at: str
    parked: Parked | None = None
    """How it is parked so far."""


def judge(ws: Workspace, arrival: Arrival) -> Result:
    """Take a commit in, or park it; either way its receipt says what became of it."""
    commit, author = arrival.commit, arrival.author
    try:
        if ws.context.quarantine:
            raise Park("quarantine")
        if isinstance(commit, BrokenCommit):
            raise Park(commit.reason, commit.detail, change=commit.change)
        if arrival.id != receipt_id(commit):
            raise Park("commit_id_reused", commit.id)
        behind = _behind(ws, arrival, commit)
        if behind:
            raise Park("waiting", behind, waits_for=behind)
        result = decide(ws, commit, author, arrival.arrived_at).accept()
        if arrival.parked is not None:
            ws.park(replace(arrival.parked, state="accepted"))
    except Park as park:
        result = Result(commit.id or "", "parked", reason=park.reason())
        _park(ws, arrival, park)
    ws.answer(
        Receipt(
            arrival.id,
            ws.space,
            author.user,
            author.device,
            commit.n,
            commit.hash,
            result,
            arrival.arrived_at,
        )
    )
    return result


def replay(ws: Workspace) -> list[Result]:
    """Judge anew whatever waited for what arrived, in order of `n`, until nothing moves any more."""
    results: dict[str, Result] = {}
    while ws.arrived:
        arrived, ws.arrived = ws.arrived, []
        waiting = ws.parked_waiting_for(arrived)
        results.update(_judge_anew(ws, waiting))
    return list(results.values())


def retry(tx: SpaceTransaction, context: Context, ids: Collection[str]) -> Outcome:
    """Judge parked commits anew, each as its author; what waited for them follows."""
    ws = Workspace(tx, context)
    found = ws.parked(ids)
    again = [found[ident] for ident in ids if ident in found and found[ident].state == "parked"]
    _judge_anew(ws, sorted(again, key=lambda parked: (parked.user, parked.device, parked.n or 0)))
    replays = replay(ws)
    return Outcome(ws.finish(), _answers(ws, found), replays)


def discard(tx: SpaceTransaction, context: Context, ident: str, reason: str = "") -> Outcome:
    """Give a parked commit up for good; what waited for it is judged anew.

    Its changes stand for their own bases from now on. The commit stays readable with `state` `discarded`.
    """
    ws = Workspace(tx, context)
    found = ws.parked((ident,))
    parked = found.get(ident)
    if parked is None or parked.state != "parked":
        return Outcome(ws.start, _answers(ws, found), [])
    commit = context.read(parked.raw, parked.format)
    _stand_for_bases(ws, commit.changes if isinstance(commit, Commit) else _legible(parked.raw))
    was, by = parked.reason["code"], context.author.user
    detail = {"was": was, "by": by, "at": context.now, "reason": reason}
    ended = replace(parked, state="discarded", reason={"code": "discarded", "detail": detail}, waits_for=())
    ws.park(ended)
    result = Result(commit.id or "", "parked", reason=ended.reason)
    ws.answer(
        Receipt(ident, ws.space, parked.user, parked.device, parked.n, parked.hash, result, parked.arrived_at)
    )
    replays = replay(ws)
    return Outcome(ws.finish(), [result], replays)


def _judge_anew(ws: Workspace, waiting: Collection[Parked]) -> dict[str, Result]:
    arrivals = []
    for parked in waiting:
        commit = ws.context.read(parked.raw, parked.format)
        author = Author(parked.user, parked.device)
        arrivals.append(Arrival(parked.id, commit, author, parked.arrived_at, parked))
    prefetch(ws, [arrival.commit for arrival in arrivals if isinstance(arrival.commit, Commit)])
    return {arrival.id: judge(ws, arrival) for arrival in arrivals}


def _park(ws: Workspace, arrival: Arrival, park: Park) -> None:
    commit = arrival.commit
    parked = Parked(
        arrival.id,
        ws.space,
        arrival.author.user,
        arrival.author.device,
        commit.n,
        commit.raw,
        commit.format,
        commit.hash,
        park.reason(),
        commit.records,
        park.waits_for,
        arrival.arrived_at,
    )
    if parked != arrival.parked:
        ws.park(parked)


def _behind(ws: Workspace, arrival: Arrival, commit: Commit) -> list[str]:
    """The parked commits before this one, of its device and user, on records that it touches or refers to."""
    parked = ws.parked_by(arrival.author)
    if not parked:
        return []
    touched = set(commit.records)
    for change in commit.changes:
        touched.update(ident for ident, _ in referred(ws.context.catalogue, change))
    before = [other for other in parked.values() if (other.n or 0) < (commit.n or 0)]
    return sorted(o.id for o in before if o.id != arrival.id and not touched.isdisjoint(o.records))


def _stand_for_bases(ws: Workspace, changes: Iterable[Change]) -> None:
    """Let the changes of a discarded commit stand for their own bases, except ids that others have used."""
    for change in changes:
        if ws.knows_change(change.id):
            continue
        kind = ws.context.catalogue.get(change.kind)
        named = (*change.set, *change.add, *change.remove)
        fields = (kind.unit_of.get(name) for name in named) if kind is not None else named
        units = {unit for unit in fields if unit is not None} | change.base.keys()
        ws.discard_change(change.id, {unit: change.base.get(unit) for unit in units | {WHOLE}})


def _legible(raw: Any) -> list[Change]:
    """The changes of a commit that cannot be read, as far as others may be based on them: what came after
    it may be readable one day."""
    changes = raw.get("changes") if isinstance(raw, dict) else None
    found = []
    for change in changes if isinstance(changes, list) else ():
        if isinstance(change, dict) and _is_name(change.get("id")):
            kind, base = change.get("kind"), change.get("base")
            bases = base.items() if isinstance(base, dict) else ()
            known = {unit: to for unit, to in bases if _is_name(unit) and (to is None or _is_name(to))}
            parts = [part for part in map(change.get, ("set", "add", "remove")) if isinstance(part, dict)]
            named = {name: None for part in parts for name in part if _is_name(name)}
            name = kind if isinstance(kind, str) else ""
            found.append(Change(change["id"], "patch", name, "", known, named, {}, {}, (), b"", b""))
    return found


def _is_name(value: Any) -> bool:
    """Whether something readable could name it: text, and not of a length or kind that no id has."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or "\0" in value:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _answers(ws: Workspace, found: dict[str, Any]) -> list[Result]:
    receipts = [ws.receipt(ident) for ident in found]
    return [receipt.result for receipt in receipts if receipt is not None]
