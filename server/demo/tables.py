"""The demo's data files, read once: what `domain.md` sections 7, 8, 9 and 11 list, as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from server.rules.calendar import WorkCalendar

DATA = Path(__file__).parent / "data"
PROJECTS = ("qyl", "xqgy")
HEADQUARTERS = "hq"


@cache
def table(name: str) -> Any:
    """The content of ``data/<name>.json``; not to be changed by whoever asks."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@cache
def work_calendar() -> WorkCalendar:
    """The calendar of the three years that headquarters keeps."""
    return WorkCalendar(table("calendar"))


@dataclass(frozen=True, slots=True)
class Item:
    """检查项目, as far as a check needs it."""

    code: str
    photo_rule: str
    proposed_class: str


@cache
def check_items() -> dict[str, Item]:
    """The 88 check items by code."""
    rows = table("standard")["items"]
    return {row["code"]: Item(row["code"], row["photo_rule"], row["proposed_class"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Unit:
    """覆盖单元: a post itself, or an area of it. ``items``: what a check of it answers."""

    code: str
    post: str
    name: str
    post_type: str
    shift: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspector:
    """检查人 with his units in walking order. ``code``: of his team or item."""

    space: str
    code: str
    name: str
    units: tuple[Unit, ...]


@cache
def inspectors(space: str) -> tuple[Inspector, ...]:
    """Whoever checks daily in this project: team leads, then owners and appointed inspectors."""
    project = table(space)
    heads = [(team["code"], team["lead"]) for team in project["teams"]]
    heads += [(item["code"], item["inspector"]) for item in project["items"]]
    return tuple(Inspector(space, code, name, tuple(_units(project, code))) for code, name in heads)


def _units(project: Any, code: str) -> list[Unit]:
    standard = table("standard")
    by_type = {row["code"]: row["items"] for row in standard["post_types"]}
    in_order = [row["code"] for row in standard["items"]]
    units = []
    for post in project["posts"]:
        if code not in (post.get("team"), post.get("item")):
            continue
        own = [*standard["post_items"], *([standard["certificate_item"]] if post["certificates"] else [])]
        units.append(Unit(post["code"], post["code"], post["name"], post["type"], post["shift"], tuple(own)))
        for number, (name, _, *rest) in enumerate(post["areas"], 1):
            off = rest[0] if rest else []
            items = tuple(item for item in in_order if item in by_type[post["type"]] and item not in off)
            area = f"{post['code']}-A{number}"
            units.append(Unit(area, post["code"], name, post["type"], post["shift"], items))
    return units
