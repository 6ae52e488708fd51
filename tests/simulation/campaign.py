"""Many histories, in several processes, each with stores of its own."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.util import Finalize
from typing import Any

from tests.simulation.backends import Backend, backend
from tests.simulation.history import History, draw, shrink
from tests.simulation.play import Played, judge, play, play_on
from tests.simulation.waiting import WAITING, join_all, waiting

EVERY = {"sqlite": 20, "postgresql": 50}
"""Every how many histories is played on a database, too."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something broken: in which history, where it was played."""

    seed: int
    where: str
    invariant: str
    message: str


@dataclass(slots=True)
class Hunt:
    """What came out so far."""

    histories: int = 0
    operations: int = 0
    stores: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)

    def add(self, other: Hunt) -> None:
        """Add what another process found."""
        self.histories += other.histories
        self.operations += other.operations
        self.stores.update(other.stores)
        self.found += other.found


_stores: dict[str, Backend] = {}


def open_stores(urls: Any) -> None:
    """Open the databases of this process; `urls`: a queue with one address for each."""
    stack = ExitStack()
    # A process of a pool ends without what `atexit` was told.
    Finalize(None, stack.close, exitpriority=10)
    _stores["sqlite"] = stack.enter_context(backend("sqlite"))
    _stores["postgresql"] = stack.enter_context(backend("postgresql", urls.get(timeout=30)))


def play_chunk(seeds: tuple[int, int]) -> Hunt:
    """The histories of these seeds, the last one left out."""
    hunt = Hunt()
    for seed in range(*seeds):
        history = draw(seed)
        played = judge(history)
        _note(hunt, history, "memory", played)
        for name, every in EVERY.items():
            if seed % every == 0:
                _note(hunt, history, name, play_on(history, _stores[name], played.outcome))
    return hunt


def _note(hunt: Hunt, history: History, where: str, played: Played) -> None:
    hunt.histories += where == "memory"
    hunt.operations += len(history.steps) + played.world.network.carried
    hunt.stores[where] += 1
    hunt.found += [Found(history.seed, where, one.invariant, one.message) for one in played.broken]


def waits() -> list[Found]:
    """I6 and I8 on every store: in a history one thing follows another, and nobody waits."""
    found = []
    for name in ("memory", *EVERY):
        with backend(name) as store:
            for invariant in WAITING:
                store.clear()
                found += [Found(0, name, invariant, message) for message in waiting(invariant, store)]
            join_all()
    return found


def shrunk(found: Found) -> History:
    """The shortest history that shows what was found, where it was found."""

    def shows(history: History) -> bool:
        return found.invariant in _invariants(history, found.where)

    return shrink(draw(found.seed), shows, most=2000 if found.where == "memory" else 300)


def _invariants(history: History, where: str) -> set[str]:
    if where == "memory":
        return judge(history).invariants
    with backend(where) as store:
        return play_on(history, store, play(history).outcome).invariants
