"""All mutants, hunted: those of histories, and those that let others wait."""

from __future__ import annotations

from contextlib import ExitStack

from tests.simulation.backends import backend
from tests.simulation.history import History
from tests.simulation.mutants import MUTANTS
from tests.simulation.mutants.catching import Caught, Mutant, catch
from tests.simulation.mutants.waiters import WAITERS
from tests.simulation.waiting import join_all, waiting

IMPATIENCE = 0.3


def catch_waiter(mutant: Mutant, store: str) -> Caught | None:
    """What the check of a mutant's invariant says on a store; `None`: nothing."""
    with ExitStack() as stack:
        opened = stack.enter_context(backend(store))
        stack.callback(join_all)
        for one in mutant.patches():
            stack.enter_context(one)
        found = waiting(mutant.invariant, opened, IMPATIENCE)
    return Caught(History(0, (), ()), 1, found[0]) if found else None


def hunt_all() -> list[tuple[Mutant, Caught | None]]:
    """Every mutant with what caught it."""
    found: list[tuple[Mutant, Caught | None]] = [(mutant, catch(mutant)) for mutant in MUTANTS]
    found += [(mutant, catch_waiter(mutant, store)) for mutant, store in WAITERS]
    return sorted(found, key=lambda pair: int(pair[0].invariant[1:]))
