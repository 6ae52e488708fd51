"""Who walks when, and what he checks: all rounds from the start of coverage to the moment of the demo.

Each day on duty an inspector checks the units whose last check is the oldest, about two thirds of his range:
only so are most units `covered`, for two working days after its check a unit is `due_soon` (`domain.md` 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import NamedTuple

from server.demo.story import Story, coverage_start, tell
from server.demo.tables import PROJECTS, Inspector, Unit, inspectors, work_calendar
from server.rules.business_date import BUSINESS_ZONE

SHARE, SHARE_ON_REST_DAYS, LEAST = 0.7, 0.4, 3
# How many checks a tablet sends at one go: lately a few; before that, with network in the office only, all
# of a day (and a demo of fewer pushes loads sooner).
OFTEN, SELDOM = (1, 2, 2, 3, 4), (20,)
RECENT = timedelta(days=3)
PAUSE_BETWEEN_PARTS = 20 * 60
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of rounds within a day: begins about ``minute`` (from midnight of the business date; a night
    shift's go beyond 24 h), takes this ``share`` of the day's units, of posts in these shifts."""

    minute: int
    share: float
    shifts: tuple[str, ...] = ("day", "early", "middle", "night")


def _at(hour: int, minute: int, share: float, *shifts: str) -> Part:
    return Part(hour * 60 + minute, share, shifts) if shifts else Part(hour * 60 + minute, share)


PARTS: dict[str, tuple[Part, ...]] = {
    "T01": (_at(8, 20, 0.6), _at(15, 10, 0.4)),
    "T02": (_at(8, 0, 0.6), _at(14, 20, 0.4)),
    "T03": (_at(7, 15, 0.6), _at(11, 40, 0.4)),
    "T04": (_at(15, 20, 0.6), _at(19, 30, 0.4)),
    "T05": (_at(23, 20, 0.5), _at(26, 50, 0.5)),
    "T06": (_at(8, 10, 1.0, "day", "early"), _at(15, 40, 1.0, "middle"), _at(23, 5, 1.0, "night")),
    "T07": (_at(7, 50, 0.45), _at(14, 10, 0.55)),
    "T08": (_at(7, 40, 0.6), _at(14, 20, 0.4)),
    "T09": (_at(7, 10, 0.6), _at(13, 50, 0.4)),
    "T10": (_at(7, 45, 0.6), _at(14, 30, 0.4)),
    "T11": (_at(8, 0, 0.6), _at(15, 20, 0.4)),
    "T12": (_at(8, 10, 0.6), _at(16, 0, 0.4)),
    "S01": (_at(8, 30, 1.0),),
    "S02": (_at(14, 0, 1.0),),
    "S03": (_at(8, 15, 1.0),),
    "O01": (_at(13, 40, 1.0),),
    "X01": (_at(8, 10, 0.6, "day", "early"), _at(15, 15, 0.4, "day", "middle")),
    "X02": (_at(8, 0, 0.5), _at(14, 40, 0.5)),
}


class Visit(NamedTuple):
    """One complete check of a unit. ``begins``, ``ends``: true time, in seconds from the midnight that opens
    its business date (whole numbers, since a plan holds thousands of them)."""

    unit: Unit
    business_date: date
    begins: int
    ends: int
    last_of_day: bool

    @property
    def started_at(self) -> datetime:
        """True time."""
        return _midnight(self.business_date) + timedelta(seconds=self.begins)

    @property
    def ended_at(self) -> datetime:
        """True time."""
        return _midnight(self.business_date) + timedelta(seconds=self.ends)


class Sync(NamedTuple):
    """What a tablet sent at one go."""

    arrived_at: datetime
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Rounds:
    """All rounds of one inspector, as they had arrived by the moment of the demo."""

    inspector: Inspector
    syncs: tuple[Sync, ...]

    @property
    def visits(self) -> Iterator[Visit]:
        """In the order they were made."""
        return (visit for sync in self.syncs for visit in sync.visits)


@dataclass(frozen=True, slots=True)
class Plan:
    """What happened in the weeks before ``now``, by project."""

    now: datetime
    seed: int
    starts_on: date
    stories: dict[str, Story]
    rounds: dict[str, tuple[Rounds, ...]]


def plan_rounds(now: datetime, seed: int) -> Plan:
    """Everything up to ``now`` (aware). The same arguments give the same plan."""
    today = now.astimezone(BUSINESS_ZONE).date()
    starts_on = coverage_start(today)
    stories = {space: tell(space, today, seed) for space in PROJECTS}
    rounds = {
        space: tuple(
            _walk(head, number, stories[space], starts_on, now, Random(f"rounds {seed} {today} {head.code}"))
            for number, head in enumerate(inspectors(space))
        )
        for space in PROJECTS
    }
    return Plan(now, seed, starts_on, stories, rounds)


def _walk(
    head: Inspector, number: int, story: Story, starts_on: date, now: datetime, chance: Random
) -> Rounds:
    deadline = now
    if story.silent == head.code and story.silent_since is not None:
        deadline = story.silent_since
    told = story.told.intersection(unit.code for unit in head.units)
    order = {unit.code: place for place, unit in enumerate(head.units)}
    last_on: dict[str, int] = {}
    syncs: list[Sync] = []
    day, today = starts_on, now.astimezone(BUSINESS_ZONE).date()
    while day <= today:
        chosen = _choose(head, told, _share(head, number, day), story, day, last_on, chance)
        last_on.update((unit.code, day.toordinal()) for unit in chosen)
        visits = list(_visits(head, order, day, chosen, chance))
        for sync in _syncs(day, visits, OFTEN if today - day < RECENT else SELDOM, chance):
            if sync.arrived_at > deadline:
                return Rounds(head, tuple(syncs))
            syncs.append(sync)
        day += _DAY
    return Rounds(head, tuple(syncs))


def _share(head: Inspector, number: int, day: date) -> float:
    """How much of his range he checks on this day. Teams work seven days; on rest days their leads take
    turns, owners and managers stay at home."""
    if work_calendar().is_working_day(day):
        return SHARE
    on_duty = (number + day.toordinal()) % 2 == 0 and head.code[0] in "TX"
    return SHARE_ON_REST_DAYS if on_duty else 0.0


def _choose(
    head: Inspector,
    told: set[str],
    share: float,
    story: Story,
    day: date,
    last_on: dict[str, int],
    chance: Random,
) -> list[Unit]:
    """The units of this day, those that are due soonest first; ``told``: those that the story speaks of."""
    wanted = [unit for unit in head.units if unit.code in told and story.must_check(unit.code, day)]
    if not share:
        return wanted
    free = [unit for unit in head.units if unit.code not in told or story.may_check(unit.code, day)]
    free = [unit for unit in free if unit not in wanted] if wanted else free
    chance.shuffle(free)
    free.sort(key=lambda unit: last_on.get(unit.code, 0))
    count = max(LEAST, round(share * len(head.units)))
    return wanted + free[: max(0, count - len(wanted))]


def _visits(
    head: Inspector, order: dict[str, int], day: date, chosen: Sequence[Unit], chance: Random
) -> Iterator[Visit]:
    """The day's walk: part by part, in the order of the posts, 4 to 9 minutes each and the way between."""
    clock, left = 0, len(chosen)
    for part, units in zip(PARTS[head.code], _parted(head, chosen), strict=True):
        clock = max(clock, part.minute * 60 + _between(chance, 0, 540))
        for unit in sorted(units, key=lambda unit: order[unit.code]):
            begins = clock + _between(chance, 40, 200)
            clock = begins + _between(chance, 240, 540)
            left -= 1
            yield Visit(unit, day, begins, clock, left == 0)


def _parted(head: Inspector, chosen: Sequence[Unit]) -> list[list[Unit]]:
    """The day's units by part: the most urgent ones as early as shift and share allow."""
    parts = PARTS[head.code]
    room = [-int(-part.share * len(chosen) // 1) for part in parts]
    parted: list[list[Unit]] = [[] for _ in parts]
    for unit in chosen:
        fitting = [place for place, part in enumerate(parts) if unit.shift in part.shifts]
        place = next((place for place in fitting if len(parted[place]) < room[place]), fitting[-1])
        parted[place].append(unit)
    return parted


def _syncs(day: date, visits: Sequence[Visit], sizes: Sequence[int], chance: Random) -> Iterator[Sync]:
    """Visits go up some at a time, seconds after the last of them."""
    first, midnight = 0, _midnight(day)
    while first < len(visits):
        group = visits[first : first + chance.choice(sizes)]
        for place in range(1, len(group)):
            if sizes is OFTEN and group[place].begins - group[place - 1].ends > PAUSE_BETWEEN_PARTS:
                group = group[:place]  # what was left went up before the next part of the day
                break
        first += len(group)
        arrives = group[-1].ends + _between(chance, 4, 35)
        yield Sync(midnight + timedelta(seconds=arrives), tuple(group))


@lru_cache(maxsize=64)
def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BUSINESS_ZONE)


def _between(chance: Random, least: int, most: int) -> int:
    return least + int(chance.random() * (most - least + 1))
