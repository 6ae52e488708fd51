"""What shall be true on the day of the demo: which units were neglected, which are due, which rest.

A demo may be made on any day, so its story moves along. It is worked out backwards from the rule of
`domain.md` section 4: last checked on the working day with position x, a unit is due on that with x + 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from server.demo.tables import Unit, inspectors, work_calendar
from server.rules.business_date import BUSINESS_ZONE
from server.rules.due_dates import WINDOW

STORY_START = date(2026, 11, 2)
HISTORY = timedelta(weeks=4)
_DAY = timedelta(days=1)
# Teams that the story spares: a night post turns overdue at 07:00, so its state would depend on the hour.
SPARED = ("T05",)
# Whose tablet may fall silent: they work in plant rooms without network.
BASEMENT = ("T11", "T12", "S02")


@dataclass(frozen=True, slots=True)
class PauseStory:
    """暂停 of a unit, by the supervisor who approved it."""

    unit: str
    cause: str
    reason: str
    approved_by: str
    starts_on: date
    ends_on: date


@dataclass(slots=True)
class Story:
    """Of one project. ``last``: unit to the day of its last check; ``gaps``: (unit, first day, last day)
    without a check, after which it is checked at once; ``silent``: code of the inspector whose device was not
    heard of since ``silent_since``."""

    last: dict[str, date] = field(default_factory=dict)
    gaps: list[tuple[str, date, date]] = field(default_factory=list)
    pauses: list[PauseStory] = field(default_factory=list)
    silent: str | None = None
    silent_since: datetime | None = None

    @property
    def told(self) -> set[str]:
        """The units that anything was decided about."""
        return {*self.last, *(gap[0] for gap in self.gaps), *(row.unit for row in self.pauses)}

    def may_check(self, unit: str, day: date) -> bool:
        """May a round of this day lead there?"""
        last = self.last.get(unit)
        if last is not None and day > last:
            return False
        if any(gap == unit and first <= day <= until for gap, first, until in self.gaps):
            return False
        return not any(row.unit == unit and row.starts_on <= day <= row.ends_on for row in self.pauses)

    def must_check(self, unit: str, day: date) -> bool:
        """Does the story want a check on this day?"""
        if self.last.get(unit) == day:
            return True
        return any(gap == unit and until + _DAY == day for gap, _, until in self.gaps)


# unit: (cause, reason, who approves)
PAUSES = {
    "P046-A1": ("construction", "水景池体防水修补，放水停用", "姚春燕"),
    "P057-A2": ("construction", "儿童滑梯更换，场地围挡施工", "邓启明"),
    "P045-A1": ("closed", "会所大厅地面翻新，暂停开放", "姚春燕"),
    "P051-A2": ("closed", "盆栽换季集中养护，暂撤出大堂", "姚春燕"),
}
# How many units are overdue, due today and due on the next working day, besides those of the star below.
OTHERS = {"qyl": (3, 3, 5), "xqgy": (1, 1, 2)}
# The team whose lead a visitor signs in as, and what her list shall hold.
STAR, STAR_HAS = "T07", (1, 2, 3)


def coverage_start(today: date) -> date:
    """First day of the rule: that of `domain.md` where it fits, else a Monday about four weeks before. The
    checks reach back to it, so that no unit stands idle in between."""
    if timedelta(days=14) <= today - STORY_START <= timedelta(days=34):
        return STORY_START
    earliest = today - HISTORY
    return earliest + timedelta(days=-earliest.weekday() % 7)


def tell(space: str, today: date, seed: int) -> Story:
    """The story of this project for this day."""
    chance = Random(f"story {seed} {space} {today}")
    story = Story()
    if space == "qyl":
        _first_week(story, coverage_start(today))
        _pause(story, chance, today)
        _fall_silent(story, chance, today)
    _neglect(story, chance, space, today)
    _past_lapses(story, chance, space, today)
    return story


def _neglect(story: Story, chance: Random, space: str, today: date) -> None:
    """Units that are overdue, due today and due next, by their last day; in teams all over the project."""
    calendar = work_calendar()
    here = calendar.position(today)
    # Overdue for more than a day, so that the grace of an unheard device (24 h) is over at any hour.
    lapsed = calendar.position(today - 2 * _DAY) - WINDOW
    last_on = [lapsed, here - WINDOW, here - WINDOW + 1]
    if not calendar.is_working_day(today):
        last_on[1] = here - WINDOW + 1  # nothing is due on a rest day
    pool = _pool(story, chance, space)
    for position, others, star in zip(last_on, OTHERS[space], STAR_HAS, strict=True):
        wanted = [STAR] * star if space == "qyl" else []
        wanted += [code for code in pool if code != STAR][:others]
        for code in wanted:
            story.last[pool[code].pop().code] = calendar.at_position(position)
        pool = {code: units for code, units in _turned(pool, others).items() if units}


def _pool(story: Story, chance: Random, space: str) -> dict[str, list[Unit]]:
    """Units by inspector that nothing was decided about yet, both in an order drawn by lot."""
    told = story.told
    heads = [head for head in inspectors(space) if head.code not in (*SPARED, story.silent)]
    chance.shuffle(heads)
    pool = {}
    for head in heads:
        units = [unit for unit in head.units if unit.code not in told and unit.shift != "night"]
        chance.shuffle(units)
        pool[head.code] = units[: max(2, len(units) // 3)] if head.code != STAR else units
    return pool


def _turned(pool: dict[str, list[Unit]], by: int) -> dict[str, list[Unit]]:
    """The same pool, beginning with those who did not have their turn yet."""
    codes = list(pool)
    return {code: pool[code] for code in [*codes[by:], *codes[:by]]}


def _pause(story: Story, chance: Random, today: date) -> None:
    for unit in chance.sample(sorted(PAUSES), chance.choice((1, 2))):
        cause, reason, approver = PAUSES[unit]
        first = today - chance.randint(2, 6) * _DAY
        last = today + chance.randint(2, 9) * _DAY
        story.pauses.append(PauseStory(unit, cause, reason, approver, first, last))


def _fall_silent(story: Story, chance: Random, today: date) -> None:
    """The day after a working day one tablet has not been heard of: what was due yesterday is unconfirmed."""
    calendar, yesterday = work_calendar(), today - _DAY
    if not calendar.is_working_day(yesterday):
        return
    story.silent = chance.choice(BASEMENT)
    story.silent_since = datetime.combine(yesterday, datetime.min.time(), BUSINESS_ZONE).replace(hour=13)
    head = next(head for head in inspectors("qyl") if head.code == story.silent)
    paused = {row.unit for row in story.pauses}
    unit = chance.choice([unit for unit in head.units if unit.code not in paused])
    story.last[unit.code] = calendar.at_position(calendar.position(yesterday) - WINDOW)


def _first_week(story: Story, start: date) -> None:
    """The breach of the first week: 中心水景 is first checked one working day late."""
    checked_on = work_calendar().nth_working_day_including(start, WINDOW + 1)
    story.gaps.append(("P046-A1", start, checked_on - _DAY))


def _past_lapses(story: Story, chance: Random, space: str, today: date) -> None:
    """Units that were once checked a working day late: breaches of the last weeks."""
    calendar = work_calendar()
    told = story.told
    free = [
        unit
        for head in inspectors(space)
        if head.code not in (*SPARED, story.silent)
        for unit in head.units
        if unit.code not in told and unit.shift != "night"
    ]
    for back in (9, 13):
        last = calendar.at_position(calendar.position(today) - back)
        if last < coverage_start(today):
            continue
        unit = free.pop(chance.randrange(len(free)))
        checked_on = calendar.add_working_days(last, WINDOW + 1)
        # The first gap makes the round come by on ``last`` itself, the second lets it lapse after that.
        story.gaps.append((unit.code, last - _DAY, last - _DAY))
        story.gaps.append((unit.code, last + _DAY, checked_on - _DAY))
