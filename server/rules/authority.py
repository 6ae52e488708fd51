"""Who may do what to a record, and whether its life cycle allows it: a pure judge over tables (Q1-2.1, X-14).

The tables are those of `schemas.access` and `schemas.lifecycles`, handed in. Everything is judged on the
merged record. Roles are those that the author holds in the space of the record on the day the work arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Protocol

SERVER = "server"


class Grant(Protocol):
    """A right of any of ``roles``, where ``own`` names the author, ``level`` is one of ``levels``, and with
    ``in_charge`` the author is in charge of the daily check."""

    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def own(self) -> str | None: ...
    @property
    def levels(self) -> tuple[str, ...]: ...
    @property
    def in_charge(self) -> bool: ...


class Access(Protocol):
    """Grants to create, to patch by unit (``*``: any other unit) and to delete records of one kind."""

    @property
    def create(self) -> tuple[Grant, ...]: ...
    @property
    def patch(self) -> tuple[tuple[str, tuple[Grant, ...]], ...]: ...
    @property
    def delete(self) -> tuple[Grant, ...]: ...


class Transition(Protocol):
    """A step of a life cycle: who may take it, what must be filled in, which units it judges."""

    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def requires(self) -> tuple[str, ...]: ...
    @property
    def judges(self) -> tuple[str, ...]: ...


class Lifecycle(Protocol):
    """The states of one kind: the field that holds them, where it may begin, and the steps."""

    @property
    def field(self) -> str: ...
    @property
    def initial(self) -> tuple[str, ...]: ...
    @property
    def transitions(self) -> tuple[Transition, ...]: ...


@dataclass(slots=True)
class Act:
    """One change on one record. ``units``: the units of merge that it touches; ``by_server``: done by the
    built-in device, which has every right; ``space_type``: headquarters or project; ``in_charge``: asked only
    where a right depends on it; ``wanted``: the fields that it sets, which may be held back and so not show
    in ``after``."""

    kind: str
    op: str
    units: Collection[str]
    user: str
    roles: AbstractSet[str]
    by_server: bool
    space_type: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    in_charge: Callable[[], bool] = lambda: False
    wanted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an act may not be: a code of the failures catalogue, and the field concerned if there is one."""

    code: str
    detail: str
    field: str | None = None


class Authority:
    """Judges acts by the tables. ``homes``: the types of space in which a kind may be created."""

    def __init__(
        self,
        access: Mapping[str, Access],
        lifecycles: Mapping[str, Lifecycle],
        homes: Mapping[str, Collection[str]],
    ) -> None:
        self._access = access
        self._lifecycles = lifecycles
        self._homes = homes
        self._filled = {kind: filled_in_states(cycle) for kind, cycle in lifecycles.items()}

    def judge(self, act: Act) -> list[Refusal]:
        """Everything that speaks against an act; empty if it may be."""
        if act.op == "create" and act.space_type not in self._homes.get(act.kind, ()):
            return [Refusal("wrong_space", f"{act.kind} does not belong in {act.space_type}")]
        refusals = self._rights(act)
        return [*refusals, *self._life_cycle(act)] if act.kind in self._lifecycles else refusals

    def judged_units(
        self, kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> tuple[str, ...]:
        """The units that the step from ``before`` to ``after`` passes a judgement on."""
        step = self._step(kind, before, after)
        return step.judges if step else ()

    def _rights(self, act: Act) -> list[Refusal]:
        if act.by_server:
            return []
        access = self._access.get(act.kind)
        if access is None:
            return [Refusal("forbidden", act.kind)]
        if act.op == "create":
            return [] if _any_holds(access.create, act) else [Refusal("forbidden", f"create {act.kind}")]
        if act.op == "delete":
            return [] if _any_holds(access.delete, act) else [Refusal("forbidden", f"delete {act.kind}")]
        by_unit = dict(access.patch)
        rest = by_unit.get("*", ())
        barred = sorted(unit for unit in act.units if not _any_holds(by_unit.get(unit, rest), act))
        return [*(Refusal("forbidden", f"{act.kind}.{unit}") for unit in barred), *self._out_of_reach(act)]

    def _out_of_reach(self, act: Act) -> list[Refusal]:
        """A state into which no step of the author's roles leads, wherever the record stands: it may not even
        compete, or a reviewer could choose what somebody else alone may grant."""
        cycle = self._lifecycles.get(act.kind)
        target = act.wanted.get(cycle.field) if cycle else None
        if cycle is None or target is None or (act.before or {}).get(cycle.field) == target:
            return []
        ways = [step for step in cycle.transitions if step.target == target]
        if not ways or any(not act.roles.isdisjoint(step.roles) for step in ways):
            return []
        return [Refusal("forbidden", f"{act.kind}: → {target}", cycle.field)]

    def _life_cycle(self, act: Act) -> list[Refusal]:
        cycle = self._lifecycles.get(act.kind)
        if cycle is None or act.after is None:
            return []
        state = act.after.get(cycle.field)
        if act.before is None:
            # What the server imports may have lived elsewhere before.
            if state not in cycle.initial and not act.by_server:
                return [Refusal("transition_not_allowed", f"{act.kind}: → {state}", cycle.field)]
            return self._missing(act, cycle, ())
        if act.before.get(cycle.field) == state:
            return self._missing(act, cycle, ())
        step = self._step(act.kind, act.before, act.after)
        named = f"{act.kind}: {act.before.get(cycle.field)} → {state}"
        if step is None:
            return [Refusal("transition_not_allowed", named, cycle.field)]
        if not act.by_server and act.roles.isdisjoint(step.roles):
            return [Refusal("forbidden", named, cycle.field)]
        return self._missing(act, cycle, step.requires)

    def _missing(self, act: Act, cycle: Lifecycle, more: Sequence[str]) -> list[Refusal]:
        """Fields that this state cannot be without, however it was reached, and those of the step taken."""
        assert act.after is not None
        needed = {*self._filled[act.kind].get(str(act.after.get(cycle.field)), ()), *more}
        empty = sorted(name for name in needed if _is_empty(act.after.get(name)))
        return [Refusal("field_required", f"{act.kind}.{name}", name) for name in empty]

    def _step(
        self, kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> Transition | None:
        cycle = self._lifecycles.get(kind)
        if cycle is None or before is None or after is None:
            return None
        source, target = before.get(cycle.field), after.get(cycle.field)
        found = (step for step in cycle.transitions if (step.source, step.target) == (source, target))
        return next(found, None)


def filled_in_states(cycle: Lifecycle) -> dict[str, frozenset[str]]:
    """Per state the fields that every way to it has required: they may not be emptied again in it."""
    everything = frozenset(name for step in cycle.transitions for name in step.requires)
    states = {step.target for step in cycle.transitions} | {step.source for step in cycle.transitions}
    filled = dict.fromkeys(states, everything) | dict.fromkeys(cycle.initial, frozenset[str]())
    while True:
        found = {state: _on_every_way(cycle, filled, state) for state in filled}
        if found == filled:
            return filled
        filled = found


def _on_every_way(cycle: Lifecycle, filled: Mapping[str, frozenset[str]], state: str) -> frozenset[str]:
    if state in cycle.initial:
        return frozenset()
    ways = [filled[step.source] | set(step.requires) for step in cycle.transitions if step.target == state]
    return frozenset.intersection(*map(frozenset, ways)) if ways else frozenset()


def _any_holds(grants: Iterable[Grant], act: Act) -> bool:
    return any(_holds(grant, act) for grant in grants)


def _holds(grant: Grant, act: Act) -> bool:
    if act.roles.isdisjoint(grant.roles):
        return False
    before, after = act.before, act.after
    newest = before if after is None else after
    if grant.own is not None:
        # Before and after: nobody takes a record over by writing his own name into it.
        if before is not None and before.get(grant.own) not in (None, act.user):
            return False
        if newest is None or newest.get(grant.own) != act.user:
            return False
    if grant.levels:
        for data in (before, after):
            if data is not None and data.get("level") not in grant.levels:
                return False
    return not grant.in_charge or act.in_charge()


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []
