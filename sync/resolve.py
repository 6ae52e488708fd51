"""A person decides a conflict: an ordinary commit that sets the unit and closes the conflict.

The losers stay in the log and in the conflict. Whoever goes on working on one of them, not knowing of the
decision, meets a conflict again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync.base import Basis, Standing, bases_of
from sync.canonical import fingerprint
from sync.change import Author, Change, Commit, make_change
from sync.claims import Claim, laid
from sync.conflict import CONFLICT, close, refresh, write_conflicts
from sync.draft import Draft
from sync.kinds import WHOLE, Kind, Unit
from sync.landing import erase, keep, land
from sync.parking import Outcome, replay
from sync.policies import Verdict, same
from sync.ports import Context, Problem, SpaceTransaction
from sync.records import Fate, Receipt, Record
from sync.versions import value_after
from sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the reviewer sends. `commit` is a fresh id; the same one again gives the same answer."""

    commit: str
    conflict: str
    seen: Sequence[str]
    """The changes that he has seen: exactly the current version and all rivals, in any order."""
    value: Any
    """The value decided, of whatever side or another. For a contested delete `{"deleted": …}`; for a unit
    of a deleted record `null` leaves it deleted and anything else brings it back."""
    reason: str
    made_at: str


@dataclass(frozen=True, slots=True)
class Stale:
    """Something came that the reviewer has not seen, or the conflict is closed (409): its present state."""

    conflict: Record


@dataclass(frozen=True, slots=True)
class Refused:
    """The decision cannot stand; nothing was written."""

    problem: Problem


def resolve(tx: SpaceTransaction, context: Context, resolution: Resolution) -> Outcome | Stale | Refused:
    """Decide a conflict as `context.author`, whose device is the server's."""
    ws = Workspace(tx, context)
    commit = _commit_of(context, resolution)
    receipt = ws.receipt(commit.id)
    if receipt is not None:
        if (receipt.hash, receipt.user, receipt.space) != (commit.hash, context.author.user, ws.space):
            return Refused(Problem("commit_id_reused", commit.id))
        return Outcome(ws.start, [replace(receipt.result, replayed=True)], [])
    conflict = ws.find(resolution.conflict)
    if conflict is None or conflict.kind != CONFLICT or ws.kind_read(context.author, conflict.id) is None:
        return Refused(Problem("not_found", resolution.conflict))
    if conflict.space != ws.space:
        return Refused(Problem("wrong_space", resolution.conflict))
    if conflict.data["state"] != "open" or set(resolution.seen) != _sides(conflict):
        return Stale(conflict)
    draft = Draft(ws, commit, context.author, context.now)
    problem = _decide(draft, conflict, resolution)
    if problem is not None:
        return Refused(problem)
    result = draft.accept()
    author = context.author
    ws.answer(
        Receipt(commit.id, ws.space, author.user, author.device, None, commit.hash, result, context.now)
    )
    replays = replay(ws)
    return Outcome(ws.finish(), [result], replays)


def _commit_of(context: Context, resolution: Resolution) -> Commit:
    raw = {
        "id": resolution.commit,
        "conflict": resolution.conflict,
        "seen": sorted(resolution.seen),
        "value": resolution.value,
        "reason": resolution.reason,
    }
    known = fingerprint(raw, context.encode)
    return Commit(
        resolution.commit, None, resolution.made_at, None, False, [], known.hash, known.size, raw, 1
    )


def _sides(conflict: Record) -> set[str]:
    return {conflict.data["current"]["change"], *(rival["change"] for rival in conflict.data["rivals"])}


def _decide(draft: Draft, conflict: Record, resolution: Resolution) -> Problem | None:
    """Lay the decision over the draft, or say why it cannot stand."""
    record = draft.find(conflict.data["record"])
    assert record is not None
    kind, name = draft.context.catalogue[record.kind], conflict.data["unit"]
    unit = kind.units.get(name)
    if not _is_value_of(unit, resolution.value):
        return Problem("wrong_value", name, name)
    deleted = _leaves_deleted(record, unit, resolution.value)
    claims = [] if unit is None or deleted else [_claim(unit, record, resolution.value)]
    if claims and _drops_appended(claims[0]):
        return Problem("append_only", name, name)
    if _deletes_signed(record, deleted):
        return Problem("signed", ", ".join(sorted(record.signed)), name)
    change = _change(draft, record, conflict, claims, resolution, deleted)
    draft.commit.changes.append(change)
    stays = deleted and record.deleted
    problem = None if stays else _problem(draft, kind, record, change, claims, conflict)
    if problem is not None:
        return problem
    decided = _land(draft, record, change, claims, deleted)
    # The closed conflict shows what was decided between; the decision itself is the record's value.
    close(
        draft,
        decided,
        name,
        current=conflict.data["current"],
        decided_by=draft.author.user,
        decided_at=draft.context.now,
        decision_reason=resolution.reason,
        decision=change.id,
        signature_needed=not record.signed.get(name, {}).keys() <= decided.signed.get(name, {}).keys(),
    )
    keep(draft, decided, (name,))
    _settle_rivals(draft, decided, conflict, claims[0].value if claims else {"deleted": deleted})
    write_conflicts(draft)
    return None


def _problem(
    draft: Draft, kind: Kind, record: Record, change: Change, claims: list[Claim], conflict: Record
) -> Problem | None:
    """The first rule that the decision breaks.

    A rival's value may be chosen though no single step leads to it from the current one: its author took
    several, each allowed where he stood. So what is wrong with it must be wrong on his way, too.
    """
    for claim in claims:
        strange = _unknown_reference(draft, kind, claim.unit, claim.value, conflict)
        if strange is not None:
            return strange
    after = None if change.op == "delete" else laid(record.data, claims)
    problems = list(draft.rules.judge(draft.case(kind, change, record, record.data, after)))
    if problems and claims and not claims[0].unit.elements:
        for way in _ways_to(draft, claims[0].unit, claims[0].value, conflict):
            wrong = _wrong_on(draft, kind, record, change, claims[0].unit, way)
            problems = [problem for problem in problems if problem.code in wrong]
    return problems[0] if problems else None


def _wrong_on(
    draft: Draft, kind: Kind, record: Record, change: Change, unit: Unit, way: list[tuple[Any, Any]]
) -> set[str]:
    """The codes of what is wrong with the steps of a way, on the record as it stands otherwise."""
    codes = set[str]()
    for start, end in way:
        before, after = dict(record.data), dict(record.data)
        unit.lay(before, start)
        unit.lay(after, end)
        found = draft.rules.judge(draft.case(kind, change, record, before, after))
        codes |= {problem.code for problem in found}
    return codes


def _ways_to(draft: Draft, unit: Unit, value: Any, conflict: Record) -> list[list[tuple[Any, Any]]]:
    """The steps that the author of each rival of this value took, as (from, to), the last one first."""
    ways = []
    for rival in conflict.data["rivals"]:
        steps: list[tuple[Any, Any]] = []
        row, to = draft.row(rival["change"]), rival["value"]
        while row is not None and row.payload and row.op != "create" and same(rival["value"], value):
            base = bases_of(row).get(unit.name)
            before = draft.row(base) if base is not None else None
            if before is None or not before.payload:
                break
            steps.append((value_after(before, unit), to))
            own = (before.user, before.device) == (row.user, row.device)
            row, to = (before if own else None), steps[-1][0]
        if steps:
            ways.append(steps)
    return ways


def _unknown_reference(draft: Draft, kind: Kind, unit: Unit, value: Any, conflict: Record) -> Problem | None:
    """A reference that no side has and that the reviewer himself may not make."""
    sides = [conflict.data["current"], *conflict.data["rivals"]]
    known = {ident for side in sides for ident, _ in kind.references(unit.as_fields(side["value"]))}
    reviewer = Author(draft.author.user, "")
    for ident, kinds in kind.references(unit.as_fields(value)):
        if ident in known:
            continue
        found = draft.ws.find(ident)
        if found is None or not draft.rules.can_read(reviewer, found):
            return Problem("not_found", ident, unit.name)
        if kinds and found.kind not in kinds:
            return Problem("wrong_kind", ident, unit.name)
    return None


def _is_value_of(unit: Unit | None, value: Any) -> bool:
    """Whether a value has the form of the unit's (`None`: the whole record's)."""
    if unit is None:
        return isinstance(value, dict) and isinstance(value.get("deleted"), bool)
    if unit.elements:
        elements = value if isinstance(value, list) else [] if value is None else [None]
        return all(isinstance(element, dict) and {"id", "value"} == element.keys() for element in elements)
    return unit.plain or value is None or (isinstance(value, dict) and value.keys() <= set(unit.fields))


def _leaves_deleted(record: Record, unit: Unit | None, value: Any) -> bool:
    return bool(value["deleted"]) if unit is None else record.deleted and value is None


def _deletes_signed(record: Record, deleted: bool) -> bool:
    """A record may have been signed while its deletion was in dispute; signed records are never deleted."""
    return deleted and not record.deleted and bool(record.signed)


def _claim(unit: Unit, record: Record, value: Any) -> Claim:
    """The decided value as a claim that no policy can hold back."""
    current, gone = unit.read(record.data), record.removed.get(unit.name, ())
    if unit.elements:
        value, current = value or [], current or []
        kept = {element["id"] for element in value}
        gone = tuple(dict.fromkeys((*gone, *(e["id"] for e in current if e["id"] not in kept))))
    elif not unit.plain:
        value = unit.overlay(None, value or {})
    verdict = Verdict.SAME if same(current, value) and not record.deleted else Verdict.APPLY
    return Claim(unit, value, Basis(Standing.CURRENT, record.version(unit.name), current), verdict, gone=gone)


def _drops_appended(claim: Claim) -> bool:
    return claim.unit.policy == "append" and bool(claim.gone)


def _change(
    draft: Draft,
    record: Record,
    conflict: Record,
    claims: Sequence[Claim],
    resolution: Resolution,
    deleted: bool,
) -> Change:
    """The decision as a change, naming the conflict and the reason in what the log keeps."""
    op = "delete" if deleted and not record.deleted else "patch"
    base = {conflict.data["unit"]: conflict.data["current"]["change"]}
    fields: Mapping[str, Any] = claims[0].unit.as_fields(claims[0].value) if claims else {}
    content = {
        "id": draft.context.new_id(),
        "op": op,
        "kind": record.kind,
        "record": record.id,
        "base": base,
        "set": fields,
    }
    decision = {"decides": conflict.id, "reason": resolution.reason}
    return make_change({**content, **decision}, draft.context.encode)


def _land(draft: Draft, record: Record, change: Change, claims: list[Claim], deleted: bool) -> Record:
    if change.op == "delete":
        return erase(draft, record, change, Basis(Standing.CURRENT, record.last_change, None))
    if deleted or not record.deleted:
        return land(draft, record, change, claims)
    versions = {**record.versions, WHOLE: change.id}
    revived = land(draft, replace(record, deleted=False, versions=versions), change, claims)
    kind = draft.context.catalogue[record.kind]
    for name in revived.contested:
        if name in kind.units:
            refresh(draft, revived, name, kind.units[name].read(revived.data))
    return revived


def _settle_rivals(draft: Draft, record: Record, conflict: Record, value: Any) -> None:
    """A rival that was chosen counts as the decided version, any other one stands for its own base."""
    unit = conflict.data["unit"]
    for rival in conflict.data["rivals"]:
        chosen = same(rival["value"], value)
        fate = Fate("same", record.version(unit)) if chosen else Fate("discarded", rival["base"])
        draft.fates[rival["change"], unit] = fate
