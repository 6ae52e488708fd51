"""Plays one history on one store and says what was broken."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Any

from tests.simulation.backends import Backend, InMemory
from tests.simulation.cast import SPACES
from tests.simulation.history import History
from tests.simulation.oracle.notes import Broken
from tests.simulation.oracle.standing import audit
from tests.simulation.world import World

CLOCKS_EVERY = 4
"""So many histories are played once more with all clocks right."""


@dataclass(slots=True)
class Played:
    """What a history came to."""

    broken: list[Broken]
    outcome: Any
    world: World

    @property
    def invariants(self) -> set[str]:
        """The ids of what was broken."""
        return {one.invariant for one in self.broken}


def play(history: History, backend: Backend | None = None, *, flat: bool = False) -> Played:
    """Play it; an exception of the engine counts as broken too (`error`)."""
    world = World(backend or InMemory(), history.users, flat=flat)
    outcome: list[Any] = []
    for work in (
        lambda: world.play(history),
        lambda: audit(world.notes),
        lambda: outcome.append(outcome_of(world)),
    ):
        try:
            work()
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
            world.notes.broken("error", f"{type(error).__name__}: {error} ({place})")
    return Played(world.notes.faults, outcome[0] if outcome else None, world)


def play_on(history: History, backend: Backend, expected: Any) -> Played:
    """Play it on a database as well: it must end there as it did in memory."""
    backend.clear()
    played = play(history, backend)
    if played.outcome != expected:
        played.broken.append(Broken("stores differ", f"{backend.name} ends otherwise than memory"))
    return played


def judge(history: History) -> Played:
    """Play it in memory, and every so often once more with right clocks: the same must come out (I12)."""
    played = play(history)
    if history.seed % CLOCKS_EVERY == 0:
        check_clocks(history, played)
    return played


def check_clocks(history: History, played: Played) -> None:
    """I12: clocks that are ten years off change no outcome."""
    flat = play(history, flat=True)
    if without_times(flat.outcome) != without_times(played.outcome):
        played.broken.append(Broken("I12", "with right clocks the same history ends differently"))


def outcome_of(world: World) -> Any:
    """Everything that a history left on the server, and what devices were told."""
    spaces = {}
    for space in SPACES:
        view = world.server.backend.view(space)
        head, records = view.state
        spaces[space] = {
            "head": (head.seq, head.at),
            "records": {
                r.id: (r.kind, r.data, r.seq, r.last_change, dict(r.versions), r.deleted, list(r.contested))
                for r in records.values()
            },
            "parked": {p.id: (p.state, p.reason["code"]) for p in view.parked.values()},
        }
    answers = {i: (a["status"], dict(a["seqs"])) for i, a in world.notes.answers.items()}
    devices = {
        device.name: {space: (f.seq, f.base) for space, f in device.disk.spaces.items()}
        for device in world.devices
    }
    flags = world.server.backend.flags()
    return {"spaces": spaces, "answers": answers, "devices": devices, "flags": flags}


def without_times(value: Any) -> Any:
    """An outcome without what clocks leave in it: times of devices, and the chain over them."""
    if isinstance(value, dict):
        dropped = ("made_at", "offset", "head")
        return {name: without_times(item) for name, item in value.items() if name not in dropped}
    if isinstance(value, list | tuple):
        return [without_times(item) for item in value]
    return value
