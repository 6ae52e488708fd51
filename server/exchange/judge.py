"""The engine's `Rules` over our pure rules: what may be read, what may be done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from server.exchange.rights import Rights, Standing
from server.rules.authority import SERVER, Act, Authority
from sync.change import Author
from sync.ports import Case, Problem
from sync.records import Record


class DomainRules:
    """The rules for one transaction in one space."""

    def __init__(
        self, authority: Authority, rights: Rights, space: str, space_types: Mapping[str, str]
    ) -> None:
        self._authority, self._rights = authority, rights
        self._space, self._space_types = space, space_types
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
        touched = {*change.set, *change.add, *change.remove}
        by_server = author.device == SERVER
        roles = () if by_server else self._standing(author.user).roles.get(self._space, ())
        act = Act(
            kind=kind.name,
            op=change.op,
            units={kind.unit_of[name] for name in touched if name in kind.unit_of},
            user=author.user,
            roles=roles,
            by_server=by_server,
            space_type=self._space_types[self._space],
            before=case.before if case.record is not None else None,
            after=case.after,
        )
        return [
            Problem(refusal.code, refusal.detail, kind.unit_of.get(refusal.field or ""))
            for refusal in self._authority.judge(act)
        ]
