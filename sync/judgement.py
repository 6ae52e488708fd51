"""The rules, judged on the merged record, and judgements, which stand only on what their author had seen."""

from __future__ import annotations

from collections.abc import Sequence
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
    wanted = laid(record.data, [claim for claim in claims if not claim.unit.elements])
    judged = draft.rules.must_name(draft.case(kind, change, record, record.data, wanted))
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
            seen = seen_by_author(draft, kind, record, change)
        own = rules.judge(draft.case(kind, change, record, seen, laid(seen, claims)))
        theirs = [problem for problem in problems if problem.code not in {known.code for known in own}]
        if len(theirs) < len(problems):
            park_on(problems)
        if not landing:
            return
        named = {problem.unit for problem in theirs}
        for claim in [c for c in landing if c.unit.name in named] or landing:
            claim.verdict, claim.reason = Verdict.HOLD, "rule"


def park_on(problems: Sequence[Problem]) -> None:
    """Park the commit on the first problem, if there is any."""
    if problems:
        raise Park(problems[0].code, problems[0].detail)
