"""Short histories, each made to bring out one thing that is broken on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.simulation.client.people import SEATS, place
from tests.simulation.client.plan import Plan, Step

LEAD, BOSS, NIGHT = "lead", "supervisor", "night"


@dataclass(frozen=True)
class Scene:
    """``noticed``: the invariants whose breaking must be told. ``mutant``: of clients; ``broken``: of the
    server."""

    noticed: tuple[str, ...]
    steps: Sequence[Step]
    mutant: str = ""
    broken: str = ""
    seats: tuple[str, ...] = (LEAD, BOSS)

    def plan(self) -> Plan:
        """It, for these seats."""
        return Plan(1, self.steps, seats=[seat for seat in SEATS if seat.name in self.seats])


def work(seat: str, *acts: Mapping[str, Any]) -> Step:
    """Somebody works, and what he saves goes up when it can."""
    return Step("work", seat, acts)


def sync(seat: str) -> Step:
    """One run."""
    return Step("sync", seat)


def check(seat: str, photo: str | None = None, *, quiet: bool = False) -> Mapping[str, Any]:
    """A check with a finding."""
    unit = next(one.units[0] for one in SEATS if one.name == seat)
    return {"act": "check", "place": place(unit), "photo": photo, "finding": True, "quiet": quiet}


def patch(value: int, what: str = "note", *, looked: bool = False) -> Mapping[str, Any]:
    """The first finding is changed."""
    return {"act": "patch", "what": what, "pick": 0, "value": value, "looked": looked, "astray": False}


def cut(seat: str, *, off: bool = True) -> Step:
    """Nothing gets through to the server."""
    return Step("weather", seat, more={"rate": 0, "cut": off})


def dead(seat: str, steps: int, death: str = "battery") -> Step:
    """The tab dies in the midst of a run, or the battery, with all that was not flushed."""
    return Step("killed", seat, more={"steps": steps, "death": death, "lost": 1.0})


LOOK, SIGN = {"act": "look", "pick": 0}, {"act": "sign", "pick": 0}
ALL = Step("sync all")
BEGIN = (work(LEAD, check(LEAD)), ALL, ALL)
QUARREL = (*BEGIN, cut(LEAD), cut(BOSS), work(LEAD, patch(1)), work(BOSS, patch(2)))


def scenes(photo: str) -> dict[str, Scene]:
    """All of them, by the name of what is broken. ``photo``: the path of a JPEG."""
    shot = {"act": "photo", "pick": 0, "photo": photo}
    turns = [step for steps in range(64, 118, 6)
             for step in (work(BOSS, patch(steps)), sync(BOSS), dead(LEAD, steps, "tab"))]  # fmt: skip
    restored = (*BEGIN, Step("back up"), work(LEAD, patch(1)), ALL, Step("restored"))
    lost = Step("fault", LEAD, more={"next": ["lose"]})
    of_clients = {
        "answers itself": Scene(("I9",), (*BEGIN, cut(LEAD), work(LEAD, patch(1)), sync(LEAD))),
        "lets photos go": Scene(("I10",), (*BEGIN, work(LEAD, shot), sync(LEAD))),
        "cursor first": Scene(("I5",), (*BEGIN, *turns)),
        "drops the outbox": Scene(("I9",), restored),
        "never sends again": Scene(("I9",), restored),
        "other numbers": Scene(("I2",), BEGIN),
        "other ids": Scene(("I2",), (*BEGIN, lost, work(LEAD, patch(1)))),
        "rebases": Scene(("I3",), (*BEGIN, work(LEAD, LOOK), work(BOSS, patch(1)), ALL, ALL,
                                   work(LEAD, patch(2, looked=True)))),
        "lazy disk": Scene(("I9",), (*BEGIN, cut(LEAD), work(LEAD, patch(1)), dead(LEAD, 0))),
        "keeps what is lost": Scene(("I11",), (work(NIGHT, check(NIGHT)), ALL, Step("rights taken")),
                                    seats=(LEAD, NIGHT)),
    }  # fmt: skip
    of_servers = {
        "forgets receipts": Scene(("I2", "I9"), BEGIN),
        "answers before committing": Scene(
            ("I1", "I9"), (*BEGIN, *(step for n in range(5) for step in (work(LEAD, patch(n)), sync(LEAD))))
        ),
        "lets the last writer win": Scene(("I3",), QUARREL),
        "lets signed values change": Scene(
            ("I15",),
            (*BEGIN, work(LEAD, SIGN, SIGN), sync(LEAD), sync(BOSS), work(BOSS, patch(1, "describe"))),
        ),
        "shows everything": Scene(("I17",), (work(BOSS, check(BOSS, quiet=True)), ALL, ALL)),
        "claims to hold": Scene(("I10",), (*BEGIN, work(LEAD, shot), sync(LEAD))),
    }
    return {
        **{name: _with(scene, mutant=name) for name, scene in of_clients.items()},
        **{name: _with(scene, broken=name) for name, scene in of_servers.items()},
    }


def _with(scene: Scene, *, mutant: str = "", broken: str = "") -> Scene:
    return Scene(scene.noticed, scene.steps, mutant, broken, scene.seats)
