"""The engine's `Rules` over our pure rules: what may be read, what may be done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from schemas.access import AUDIENCE_ROLES, DECIDES_CONFLICTS
from server.exchange.ports import Knowledge
from server.exchange.rights import Rights, Standing
from server.exchange.signatures import SIGNATURE, judge_signature
from server.rules.audience import EVERYBODY, strange_tokens
from server.rules.authority import SERVER, Act, Authority
from server.rules.findings import FindingFacts, finding_problems
from server.rules.in_charge import in_charge
from sync.change import Author
from sync.ports import Case, Problem
from sync.records import Record

NARROWER = tuple(AUDIENCE_ROLES)
REVIEWED = (EVERYBODY, *(name for name, roles in AUDIENCE_ROLES.items() if {*roles} & {*DECIDES_CONFLICTS}))


_NONE: frozenset[str] = frozenset()


class DomainRules:
    """The rules for one transaction in one space."""

    def __init__(
        self,
        authority: Authority,
        rights: Rights,
        knowledge: Knowledge,
        space: str,
        space_types: Mapping[str, str],
        today: str,
    ) -> None:
        self._authority, self._rights, self._knowledge = authority, rights, knowledge
        self._space, self._space_types, self._today = space, space_types, today
        self._known_charges: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
        # Rights do not change before the transaction ends, so each is asked for once.
        self._standings: dict[str, Standing] = {}

    def can_read(self, author: Author, record: Record) -> bool:
        """Unreadable and unknown look the same; the built-in device reads everything."""
        if author.device == SERVER:
            return True
        return not self._standing(author.user).audiences(record.space).isdisjoint(record.audience)

    def _standing(self, user: str) -> Standing:
        found = self._standings.get(user)
        if found is None:
            found = self._standings[user] = self._rights.of(user)
        return found

    def must_name(self, case: Case) -> Collection[str]:
        """The units that a transition judges (approve, verify, close)."""
        return self._authority.judged_units(case.kind.name, case.before, case.after)

    def judge(self, case: Case) -> Sequence[Problem]:
        """Rights, life cycle and required fields on the merged record."""
        change, kind, author = case.change, case.kind, case.author
        by_server = author.device == SERVER
        roles = _NONE if by_server else self._standing(author.user).roles.get(self._space, _NONE)
        act = Act(
            kind=kind.name,
            op=change.op,
            units=_units_touched(case) if change.op == "patch" else (),
            user=author.user,
            roles=roles,
            by_server=by_server,
            space_type=self._space_types[self._space],
            before=case.before if case.record is not None else None,
            after=case.after,
            in_charge=lambda: self._in_charge(case),
            wanted=change.set,
        )
        problems = [
            Problem(refusal.code, refusal.detail, kind.unit_of.get(refusal.field or ""))
            for refusal in self._authority.judge(act)
        ]
        if change.audience and not by_server:
            strange = strange_tokens(change.audience, kind.audience, NARROWER, REVIEWED)
            problems += [Problem("audience_not_allowed", " ".join(strange))] if strange else []
        if kind.name == "finding" and case.after is not None:
            problems += self._finding_problems(case, case.after)
        # Only what may be at all: proving a hand takes time, and says something to whoever asks.
        if kind.name == SIGNATURE and change.op == "create" and not problems:
            unproven = judge_signature(case, self._knowledge)
            problems += [unproven] if unproven is not None else []
        return problems

    def _finding_problems(self, case: Case, after: Mapping[str, Any]) -> list[Problem]:
        """What the content of a finding says against it."""
        before = case.before if case.record is not None else None
        tables = self._knowledge.tables.current()
        item = self._data_of(case, (self._data_of(case, after.get("post")) or {}).get("item"))
        facts = FindingFacts(
            id=case.change.record,
            author=None if case.author.device == SERVER else case.author.user,
            attributions=tables.attributions,
            dispositions=tables.dispositions,
            classes=tables.classes,
            supplied=item is not None and "supplier" in item,
            acknowledgement=self._data_of(case, after.get("acknowledgement")),
        )
        return [
            Problem(problem.code, f"finding.{problem.field}", case.kind.unit_of.get(problem.field))
            for problem in finding_problems(before, after, facts)
        ]

    def _data_of(self, case: Case, ident: str | None) -> Mapping[str, Any] | None:
        record = case.find(ident) if ident else None
        return record.data if record is not None else None

    def _in_charge(self, case: Case) -> bool:
        """Judged by the scopes and deputies of the day on which the work arrives."""
        data = case.before or case.after or {}
        if case.kind.name == SIGNATURE:
            named = [case.find(ident) for ident in data.get("findings", ())]
            # What is not here yet is waited for, and judged when it has come.
            return all(one is None or self._in_charge_of(case, one.data) for one in named)
        return self._in_charge_of(case, data)

    def _in_charge_of(self, case: Case, data: Mapping[str, Any]) -> bool:
        if data.get("found_by") == case.author.user:
            return True
        if self._known_charges is None:
            self._known_charges = self._knowledge.charges.of(self._space)
        post = self._data_of(case, data.get("post"))
        scopes, deputies = self._known_charges["inspector_scope"], self._known_charges["deputy_appointment"]
        return in_charge(case.author.user, data, post, scopes, deputies, self._today)


def _units_touched(case: Case) -> set[str]:
    change, unit_of = case.change, case.kind.unit_of
    return {unit_of[name] for name in (*change.set, *change.add, *change.remove) if name in unit_of}
