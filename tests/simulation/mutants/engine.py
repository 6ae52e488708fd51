"""The engine, decided wrongly in one place at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import sync.claims
import sync.conflict
from sync.base import Basis, Standing
from sync.checks import check_target
from sync.draft import Draft
from sync.policies import Verdict, gather, settle
from sync.records import Record
from sync.workspace import Workspace
from tests.simulation.mutants.catching import Mutant, put

Patches = list[AbstractContextManager[Any]]


def _settling(change: Callable[..., Verdict | None]) -> Callable[[], Patches]:
    """`settle` with another verdict where `change` gives one."""

    def wrong(unit: Any, current: Any, incoming: Any, *, seen: bool, barred: bool) -> Verdict:
        right = settle(unit, current, incoming, seen=seen, barred=barred)
        return change(unit, right, seen=seen, barred=barred, blank=current is None) or right

    return lambda: [put("sync.claims.settle", wrong)]


def _last_writer_wins(unit: Any, right: Verdict, *, barred: bool, **_: Any) -> Verdict | None:
    return Verdict.OVERWRITE if right is Verdict.HOLD and not barred else None


def _once_is_ever(unit: Any, right: Verdict, *, barred: bool, **_: Any) -> Verdict | None:
    return Verdict.OVERWRITE if unit.policy == "once" and right is Verdict.HOLD and not barred else None


def _worst_overwrites(unit: Any, right: Verdict, **_: Any) -> Verdict | None:
    return Verdict.OVERWRITE if right is Verdict.SWAP else None


def _held_is_dropped(unit: Any, right: Verdict, **_: Any) -> Verdict | None:
    return Verdict.SAME if right is Verdict.HOLD else None


def _base_ignored() -> Patches:
    def wrong(draft: Any, record: Record, unit: Any, base: str | None) -> Basis:
        return Basis(Standing.CURRENT, base, unit.read(record.data))

    return [put("sync.claims.resolve", wrong)]


def _removed_comes_back() -> Patches:
    def wrong(unit: Any, elements: Any, gone: Any, add: Any, remove: Any) -> Any:
        values, buried, met = gather(unit, elements, (), add, remove)
        return values, tuple(dict.fromkeys((*gone, *buried))), met

    return [put("sync.claims.gather", wrong)]


def _barred_without(reason: str) -> Callable[[], Patches]:
    right = sync.claims._barred

    def wrong(record: Record, unit: Any, current: Any, wanted: Any) -> str | None:
        found = right(record, unit, current, wanted)
        return None if found == reason else found

    return lambda: [put("sync.claims._barred", wrong)]


def _signed_is_deletable() -> Patches:
    right = check_target

    def wrong(draft: Any, kind: Any, change: Any) -> Record:
        record = right(draft, kind, change)
        return replace(record, signed={}) if change.op == "delete" else record

    return [put("sync.merge.check_target", wrong)]


def _milder_is_dropped() -> Patches:
    return [put("sync.landing._swap", lambda draft, before, after, claim: None)]


def _one_rival_only() -> Patches:
    right = sync.conflict._edit

    def wrong(conflict: Record, **fields: Any) -> Record:
        if "rivals" in fields:
            fields["rivals"] = fields["rivals"][-1:]
        return right(conflict, **fields)

    return [put("sync.conflict._edit", wrong)]


class _Whatever(set[str]):
    """Equal to whatever was seen."""

    def __ne__(self, other: object) -> bool:
        return False


def _conflicts_for_all() -> Patches:
    def wrong(*args: Any) -> Record:
        return replace(Record(*args), audience=("project",))

    return [put("sync.conflict.Record", wrong)]


def _clocks_decide() -> Patches:
    right = sync.claims.claim_value

    def wrong(draft: Draft, unit: Any, record: Record, change: Any) -> Any:
        claim = right(draft, unit, record, change)
        if claim.verdict is Verdict.HOLD and claim.reason == "diverged":
            row = draft.row(record.version(unit.name))
            if row is not None and draft.commit.made_at > row.made_at:
                claim.verdict = Verdict.OVERWRITE
        return claim

    return [put("sync.merge.claim_value", wrong)]


def _blocking() -> Patches:
    def wrong(self: Workspace, author: Any) -> Mapping[str, Any]:
        everybody = {p.id: p for p in self.tx._here.parked.values() if p.state == "parked"}  # type: ignore[attr-defined]
        return {**everybody, **right(self, author)}

    right = Workspace.parked_by
    return [put("sync.workspace.Workspace.parked_by", wrong)]


def _unreadable_is_found() -> Patches:
    def wrong(self: Draft, ident: str) -> Record:
        record = self.find(ident)
        return record if record is not None else right(self, ident)

    right = Draft.readable
    return [put("sync.draft.Draft.readable", wrong)]


def _references_unchecked() -> Patches:
    def wrong(self: Workspace, author: Any, ident: str) -> str | None:
        record = self.find(ident)
        return record.kind if record is not None else None

    return [put("sync.workspace.Workspace.kind_read", wrong)]


RACING = {"look": 20, "resolve": 20, "patch": 50}
PARKING = {"judge": 20, "discard": 10, "late": 10}

ENGINE = (
    Mutant(
        "last_writer_wins",
        "I3",
        "what comes later stands, whatever it had seen",
        _settling(_last_writer_wins),
    ),
    Mutant("base_ignored", "I3", "every change counts as based on the current version", _base_ignored),
    Mutant(
        "held_is_dropped",
        "I3",
        "a value that may not stand is taken in and forgotten",
        _settling(_held_is_dropped),
    ),
    Mutant(
        "once_is_ever", "I3", "a second value of a `once` field replaces the first", _settling(_once_is_ever)
    ),
    Mutant(
        "worst_overwrites",
        "I3",
        "the more severe value stands, the milder is gone",
        _settling(_worst_overwrites),
    ),
    Mutant("milder_is_dropped", "I3", "the same, and the conflict shows no rival", _milder_is_dropped),
    Mutant(
        "removed_comes_back",
        "I3",
        "an element that was removed is added again",
        _removed_comes_back,
        {"list": 60},
    ),
    Mutant("one_rival_only", "I3", "a conflict keeps the newest rival only", _one_rival_only),
    Mutant(
        "decided_unseen",
        "I3",
        "a decision counts though `seen` is stale",
        lambda: [put("sync.resolve._sides", lambda conflict: _Whatever())],
        RACING,
    ),
    Mutant(
        "judged_unseen",
        "I3",
        "a judgement counts whatever its author saw",
        lambda: [put("sync.merge.hold_stale_judgement", lambda *args: None)],
        {"judge": 30, "list": 30},
    ),
    Mutant(
        "deleted_unseen",
        "I3",
        "a delete lands whatever its author saw",
        lambda: [put("sync.merge.saw_whole_record", lambda *args: True)],
        {"delete": 15},
    ),
    Mutant(
        "deleted_is_edited",
        "I3",
        "an edit of a deleted record lands where nobody sees it",
        _barred_without("deleted"),
        {"delete": 15},
    ),
    Mutant(
        "signed_is_edited",
        "I15",
        "a change to a signed value applies",
        _barred_without("changed_after_signature"),
        {"sign": 20},
    ),
    Mutant(
        "signed_is_deleted",
        "I15",
        "a signed record can be deleted",
        _signed_is_deletable,
        {"sign": 20, "delete": 15},
    ),
    Mutant(
        "clocks_decide",
        "I12",
        "of two values that did not see each other the later clock wins",
        _clocks_decide,
        {"clock": 20},
    ),
    Mutant("parked_blocks_all", "I7", "everybody waits behind whatever is parked", _blocking, PARKING),
    Mutant(
        "overtaking",
        "I7",
        "a commit passes what its device did before on the same record",
        lambda: [put("sync.parking._behind", lambda *args: [])],
        PARKING,
    ),
    Mutant(
        "never_replayed",
        "I7",
        "what is parked stays so, though what it waited for has come",
        lambda: [put("sync.push.replay", lambda ws: []), put("sync.parking.replay", lambda ws: [])],
        PARKING,
    ),
    Mutant(
        "discard_forgets",
        "I7",
        "changes of a discarded commit stand for nothing",
        lambda: [put("sync.parking._stand_for_bases", lambda *args: None)],
        PARKING,
    ),
    Mutant(
        "conflicts_for_all",
        "I17",
        "a conflict about a record for few is shown to all",
        _conflicts_for_all,
        {"create": 20},
    ),
    Mutant(
        "record_guess",
        "I17",
        "a guessed record is answered otherwise than none",
        _unreadable_is_found,
        {"guess": 30, "create": 20},
    ),
    Mutant(
        "reference_guess",
        "I17",
        "a reference to a guessed record is answered otherwise",
        _references_unchecked,
        {"guess": 30, "create": 20},
    ),
)
