"""What happens in one history: drawn whole from its seed before anything runs."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.client.people import SEATS, Seat, place

Act = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One thing that happens, at one seat or to all."""

    do: str
    seat: str = ""
    acts: Sequence[Act] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        what = " ".join(str(act.get("what", act["act"])) for act in self.acts)
        parts = (self.do, self.seat, what, *(f"{name}={value}" for name, value in self.more.items()))
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Plan:
    """A history. ``ending``: how the guest's tablet is shut out: ``revoked``, ``lost``, or not at all."""

    seed: int
    steps: Sequence[Step]
    ending: str = ""
    seats: Sequence[Seat] = SEATS


WEIGHTS = {
    "work": 10, "sync": 5, "weather": 4, "killed": 5, "crowd": 2, "back up": 1, "desk": 2,
}  # fmt: skip
_PATCHES = (
    "note",
    "note",
    "describe",
    "evaluate",
    "evaluate",
    "tag",
    "untag",
    "comment",
    "remark",
    "state",
    "state",
)
_HARD = ("server killed", "restored", "days pass")
_RIGHTS = ("rights taken", "rights given")


def draw(seed: int, length: int, photos: Sequence[str], hard: int) -> Plan:
    """A history of about ``length`` steps, of which ``hard`` cost a restart of the server.

    A history has either restores or rights that come and go: who has lost his rights hands in and forgets,
    and what a restore then takes nobody holds any more.
    """
    chance = random.Random(f"plan {seed}")
    with_rights = chance.random() < 0.4
    steps = [_step(chance, chance.choices([*WEIGHTS], [*WEIGHTS.values()])[0], photos) for _ in range(length)]
    special = [chance.choice([name for name in _HARD if not (with_rights and name == "restored")])
               for _ in range(hard)]  # fmt: skip
    for name in special:
        steps.insert(chance.randrange(length // 3, len(steps) + 1), _step(chance, name, photos))
    if with_rights:
        at = sorted(chance.sample(range(len(steps) + 1), 2))
        for name, index in zip(reversed(_RIGHTS), reversed(at), strict=True):
            steps.insert(index, _step(chance, name, photos))
    names = [step.do for step in steps]
    if "restored" in names and "back up" not in names[: names.index("restored")]:
        steps.insert(chance.randrange(names.index("restored") // 2 + 1), Step("back up"))
    # There is something to quarrel about from the start.
    opening = [Step("work", seat.name, _checks(chance, seat, photos)) for seat in SEATS[:4]]
    rain = Step("weather", more={"rate": 0.2, "cut": False})
    return Plan(seed, [*opening, Step("sync all"), rain, *steps], chance.choice(("revoked", "lost", "", "")))


def _step(chance: random.Random, name: str, photos: Sequence[str]) -> Step:
    seat = chance.choice(SEATS)
    acts = [_act(chance, seat, photos) for _ in range(chance.randint(1, 4))]
    death = {"death": chance.choice(("tab", "battery")), "lost": round(chance.random(), 2)}
    if name == "work":
        return Step(name, seat.name, acts)
    if name in ("sync", "desk"):
        return Step(name, seat.name if name == "sync" else "", more={"pick": chance.randrange(100)})
    if name == "weather":
        whom = chance.choice((seat.name, ""))
        return Step(
            name, whom, more={"rate": chance.choice((0.05, 0.2, 0.4, 0.7)), "cut": chance.random() < 0.15}
        )
    if name == "killed":
        return Step(name, seat.name, acts, {"steps": int(chance.expovariate(1 / 120)), **death})
    if name in ("crowd", "server killed"):
        everybody = [act | {"seat": one.name} for one in SEATS
                     for act in (_act(chance, one, photos) for _ in range(3))]  # fmt: skip
        return Step(name, "", everybody, {"after": round(chance.uniform(0, 0.6), 2)})
    return Step(name)


def _checks(chance: random.Random, seat: Seat, photos: Sequence[str]) -> list[dict[str, Any]]:
    return [_check(chance, seat, photos, finding=True) for _ in range(2)]


def _check(
    chance: random.Random, seat: Seat, photos: Sequence[str], *, finding: bool | None = None
) -> dict[str, Any]:
    photo = chance.choice(photos) if chance.random() < 0.5 else None
    found = chance.random() < 0.6 if finding is None else finding
    where = place(chance.choice(seat.units))
    return {"act": "check", "place": where, "photo": photo, "finding": found, "quiet": chance.random() < 0.12}


def _act(chance: random.Random, seat: Seat, photos: Sequence[str]) -> dict[str, Any]:
    # Few records are looked at by many, so that they meet.
    pick = chance.choice((0, 0, 0, 1, 1, 2, 5, chance.randrange(50)))
    kind = chance.choices(("check", "look", "patch", "photo", "sign"), (3, 2, 9, 2, 3))[0]
    if kind == "check":
        return _check(chance, seat, photos)
    if kind in ("look", "sign"):
        return {"act": kind, "pick": pick}
    if kind == "photo":
        return {"act": kind, "pick": pick, "photo": chance.choice(photos)}
    return {"act": kind, "what": chance.choice(_PATCHES), "pick": pick, "value": chance.randrange(1000),
            "looked": chance.random() < 0.35, "astray": chance.random() < 0.05}  # fmt: skip
