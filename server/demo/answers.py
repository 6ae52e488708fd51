"""How the items of a check were answered: mostly conform, sometimes with a problem of a common kind."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from server.demo.tables import Item, Unit, check_items, table

# How many checks find something; how many of those find two things.
FAILING, FAILING_TWICE = 0.042, 0.1
# How readily an item fails, by the class that it proposes.
READINESS = {"OBS": 1.0, "MIN": 6.0, "GEN": 3.0, "SER": 0.7}
WITHOUT_PHOTO = 0.06
NO_PHOTO_REASONS = ("现场光线过暗，照片无法辨认", "画面会拍到业主，不便拍摄")
# A bare wall or a waterproofing test is not to be seen on every visit.
NOT_APPLICABLE = {"DE-03": 0.45, "DE-06": 0.8}


@dataclass(frozen=True, slots=True)
class Answer:
    """检查结果 of one item. ``photos``: how many were taken."""

    item: Item
    result: str
    note: str | None = None
    photos: int = 0
    no_photo_reason: str | None = None


def answers(unit: Unit, chance: Random) -> list[Answer]:
    """One answer to each item of the unit, complete as the photo rules want it (Q1-4.4q)."""
    items = [check_items()[code] for code in unit.items]
    failed = _failed(items, chance)
    return [_answer(item, item.code in failed, chance) for item in items]


def _failed(items: list[Item], chance: Random) -> set[str]:
    if chance.random() >= FAILING:
        return set()
    count = 2 if chance.random() < FAILING_TWICE else 1
    readiness = [READINESS[item.proposed_class] for item in items]
    return {item.code for item in chance.choices(items, readiness, k=count)}


def _answer(item: Item, failed: bool, chance: Random) -> Answer:
    if failed:
        note = chance.choice(table("problems")[item.code])
        if item.photo_rule == "N":
            return Answer(item, "nonconform", note)
        if chance.random() < WITHOUT_PHOTO:
            return Answer(item, "nonconform", note, no_photo_reason=chance.choice(NO_PHOTO_REASONS))
        return Answer(item, "nonconform", note, photos=2 if chance.random() < 0.1 else 1)
    if item.photo_rule == "A":
        if chance.random() < NOT_APPLICABLE.get(item.code, 0.0):
            return Answer(item, "not_applicable")
        return Answer(item, "conform", photos=1)
    return Answer(item, "conform")
