"""Who takes part, on which tablets."""

from __future__ import annotations

from dataclasses import dataclass

from tests.api.estate import LUO_XIUFEN, P019, P019_A1, P029_A1, P029_A2, POST_OF, SHEN_GUODONG, UNIT_ITEMS
from tests.people import CAST, HAN_JINGYI, HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, YAO_CHUNYAN, Person

BY_ID = {person.id: person for person in (*CAST, SHEN_GUODONG, LUO_XIUFEN)}
YEAR = 365 * 24 * 3600 * 1000
DAY, NIGHT = (P029_A1, P029_A2), (P019_A1, P019)


@dataclass(frozen=True)
class Seat:
    """A tablet. ``clock``: how far off it is, in milliseconds. ``reach``: the units whose findings its user
    follows up besides his own; ``None``: all."""

    name: str
    person: Person
    units: tuple[str, ...]
    clock: int = 0
    reach: tuple[str, ...] | None = None


# Two leads with two tablets and one, a supervisor and a director who see what is for management alone, and
# somebody whose tablet is shut out in the end.
SEATS = (
    Seat("lead", HE_GUILAN, DAY, reach=DAY),
    Seat("again", HE_GUILAN, DAY, 10 * YEAR, reach=DAY),
    Seat("supervisor", YAO_CHUNYAN, (P029_A1, P019_A1), -10 * YEAR),
    Seat("night", SHEN_GUODONG, NIGHT, -90_000, reach=NIGHT),
    Seat("director", HAN_JINGYI, (P029_A2,), 3_600_000),
    Seat("guest", TANG_ZHIQIANG, (P029_A1, P019_A1), reach=()),
)


def place(unit: str) -> dict[str, object]:
    """A unit as `pwa/tests/simulation/acts.ts` wants it."""
    return {"space": QINGYANLI, "unit": unit, "post": POST_OF[unit], "items": UNIT_ITEMS[unit]}
