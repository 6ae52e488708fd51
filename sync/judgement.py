"""The rules, judged on the merged record, and judgements, which stand only on what their author had seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sync.base import Standing, resolve, seen_by_author
from sync.change import Change
from sync.claims import Claim, laid
from sync.draft import Draft, Park
from sync.kinds import WHOLE, Kind
from sync.policies import Verdict, same
from sync.ports import Problem
from sync.records import Record


def hold_stale_judgement(
    draft: Draft, kind: Kind, record: Record, change: Change, claims: list[Claim]
) -> None:
    """A change that judges names what was judged; one stale base holds back everything that it sets."""
    # Whether it judges is seen from where its author stood: a state that moved meanwhile asks nothing of him.
    stood = _as_seen(record.data, claims)
    wanted = laid(stood, [claim for claim in claims if not claim.unit.elements])
    judged = draft.rules.must_name(draft.case(kind, change, record, stood, wanted))
    missing = sorted(set(judged) - change.base.keys())
    if missing:
        raise Park("base_missing", missing)
    touched = {claim.unit.name for claim in claims}
    named = {*(change.base.keys() - touched - {WHOLE}), *judged}
    values = [claim for claim in claims if not claim.unit.elements and claim.verdict is not Verdict.SAME]
    stale = any(claim.basis.standing is not Standing.CURRENT for claim in values)
    if named and (stale or not all(_still_stands(draft, kind, record, change, name) for name in named)):
        for claim in values:
            claim.verdict = Verdict.HOLD


def _still_stands(draft: Draft, kind: Kind, record: Record, change: Change, name: str) -> bool:
    unit = kind.units[name]
    basis = resolve(draft, record, unit, change.base[name])
    if basis.standing is Standing.CURRENT:
        return True
    return not unit.elements and basis.value is not None and same(basis.value, unit.read(record.data))


def judge(draft: Draft, kind: Kind, record: Record, change: Change, claims: list[Claim]) -> None:
    """Put the merged record before the rules.

    What breaks a rule only through what others did meanwhile is held back; what its author could see to
    be wrong parks the commit.
    """
    rules = draft.rules
    seen: dict[str, Any] | None = None
    while True:
        landing = [claim for claim in claims if claim.verdict.lands]
        after = laid(record.data, landing)
        problems = rules.judge(draft.case(kind, change, record, record.data, after))
        if not problems:
            return
        if seen is None:
            seen = _as_seen(seen_by_author(draft, kind, record, change), claims)
        own = rules.judge(draft.case(kind, change, record, seen, laid(seen, claims)))
        theirs = [problem for problem in problems if problem.code not in {known.code for known in own}]
        if len(theirs) < len(problems):
            park_on(problems)
        if not landing:
            return
        for claim in _culprits(draft, kind, record, change, landing, theirs):
            claim.verdict, claim.reason = Verdict.HOLD, "rule"


def _as_seen(data: Mapping[str, Any], claims: Iterable[Claim]) -> dict[str, Any]:
    """Data with what the author saw of the units that he claims: also an own value that lost since."""
    seen = dict(data)
    for claim in claims:
        if claim.basis.standing is not Standing.CURRENT and not claim.unit.elements:
            claim.unit.lay(seen, claim.basis.value)
    return seen


def _culprits(
    draft: Draft,
    kind: Kind,
    record: Record,
    change: Change,
    landing: list[Claim],
    problems: Sequence[Problem],
) -> list[Claim]:
    """The claims to hold back: those that the problems name; else the one without which there are none, so
    that the rest of the commit stays; else all."""
    named = {problem.unit for problem in problems}
    blamed = [claim for claim in landing if claim.unit.name in named]
    if blamed or len(landing) == 1:
        return blamed or landing
    for claim in landing:
        without = laid(record.data, [other for other in landing if other is not claim])
        if not draft.rules.judge(draft.case(kind, change, record, record.data, without)):
            return [claim]
    return landing


def park_on(problems: Sequence[Problem]) -> None:
    """Park the commit on the first problem, if there is any."""
    if problems:
        raise Park(problems[0].code, problems[0].detail)
