"""What a mutant is, and the hunt for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from tests.simulation.history import History, draw
from tests.simulation.play import check_clocks, play

MOST_SEEDS = 400


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing done wrong. `invariant`: whose check must report it; `moods`: what histories should hold."""

    name: str
    invariant: str
    says: str
    patches: Callable[[], list[AbstractContextManager[Any]]]
    moods: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caught:
    """By which history, after how many, with what message."""

    history: History
    histories: int
    message: str


def catch(mutant: Mutant, *, most: int = MOST_SEEDS) -> Caught | None:
    """Play histories with the mutant in place until its invariant is reported; `None`: it got away."""
    with ExitStack() as stack:
        for one in mutant.patches():
            stack.enter_context(one)
        for seed in range(most):
            history = draw(seed, moods=mutant.moods)
            message = reported(mutant, history)
            if message is not None:
                return Caught(history, seed + 1, message)
    return None


def reported(mutant: Mutant, history: History) -> str | None:
    """What the check of the mutant's invariant says to a history; `None` if it is content."""
    played = play(history)
    if mutant.invariant == "I12":
        check_clocks(history, played)
    found = [one.message for one in played.broken if one.invariant == mutant.invariant]
    return found[0] if found else None


def put(target: str, new: Any) -> AbstractContextManager[Any]:
    """`target` (a dotted path) replaced."""
    return patch(target, new)
