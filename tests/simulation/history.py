"""Histories: lists of plain steps, drawn from a seed, and cut down to what still shows a failure.

A step is `(name, who, a, b, c)`, the rest small numbers; whoever plays it picks by them from what is there,
so that a step keeps its sense, or loses it harmlessly, when others are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.simulation.cast import USERS

Step = tuple[str, int, int, int, int]

WEIGHTS: Mapping[str, int] = {
    "create": 4, "patch": 34, "both": 8, "list": 10, "judge": 5, "sign": 5, "delete": 4, "shoot": 4,
    "memo": 2, "appraise": 1,
    "sync": 34, "round": 4, "tab": 2, "late": 5, "resend": 4, "poke": 3, "two": 1,
    "clock": 3, "partition": 2, "old": 1,
    "look": 8, "resolve": 8, "resolve_again": 2,
    "retry": 3, "discard": 3,
    "take": 2, "give": 2, "revoke": 1, "reinstate": 1, "lose": 1, "guess": 2,
    "backup": 2, "restore": 1, "crash": 3, "learn": 1, "gc": 1,
}  # fmt: skip
"""How often each step is drawn, before a history chooses its own mood."""
CAST = (*USERS, "he")
ALWAYS = ("create", "patch", "sync")


@dataclass(frozen=True, slots=True)
class History:
    """Devices, each of one user, and what happens to them. `seed` only says where it came from."""

    seed: int
    users: tuple[str, ...]
    steps: tuple[Step, ...] = field(repr=False)

    def with_steps(self, steps: Sequence[Step]) -> History:
        """The same cast with other steps."""
        return History(self.seed, self.users, tuple(steps))

    def __str__(self) -> str:
        lines = "\n".join(f"    {step!r}," for step in self.steps)
        return f"History({self.seed}, {self.users!r}, (\n{lines}\n))"


def draw(seed: int, *, moods: Mapping[str, int] | None = None) -> History:
    """The history of a seed. `moods`: weights that a test wants instead of chance.

    Each history leaves out some kinds of steps and makes others common, so that rare combinations come up
    that an even mixture would never show.
    """
    random = Random(seed)
    weights = {name: weight * random.choice((0, 1, 1, 2, 4)) for name, weight in WEIGHTS.items()}
    weights.update({name: max(weights[name], WEIGHTS[name]) for name in ALWAYS})
    weights.update(moods or {})
    names, chances = list(weights), list(weights.values())
    count = random.choice((20, 40, 60, 90, 120))
    users = tuple(random.choices(CAST, k=random.choice((2, 3, 3, 4, 5, 6))))

    def number() -> int:
        return random.randrange(1000)

    drawn = random.choices(names, chances, k=count)
    return History(seed, users, tuple((name, number(), number(), number(), number()) for name in drawn))


def shrink(history: History, fails: Callable[[History], bool], *, most: int = 2000) -> History:
    """The shortest history found that still fails: steps are taken out in ever smaller pieces, then the
    numbers of those that are left are made small. `most`: how many histories are tried at most."""
    tries = 0

    def still(steps: Sequence[Step]) -> bool:
        nonlocal tries
        tries += 1
        return tries <= most and fails(history.with_steps(steps))

    steps, piece = list(history.steps), max(1, len(history.steps) // 2)
    while piece:
        at, before = 0, len(steps)
        while at < len(steps):
            without = steps[:at] + steps[at + piece :]
            if still(without):
                steps = without
            else:
                at += piece
        if len(steps) == before or piece > 1:
            piece //= 2
    return history.with_steps(_smaller(steps, still))


def _smaller(steps: list[Step], still: Callable[[Sequence[Step]], bool]) -> list[Step]:
    """The same steps with numbers as small as possible."""
    for at, step in enumerate(steps):
        for place in range(1, 5):
            for value in (0, 1, 2, int(step[place]) % 12):
                numbers: list[Any] = list(steps[at])
                if value >= numbers[place]:
                    continue
                numbers[place] = value
                smaller: Any = tuple(numbers)
                if still([*steps[:at], smaller, *steps[at + 1 :]]):
                    steps[at] = smaller
                    break
    return steps
