"""Which items a unit has, and whether a check of it is complete (requirements Q1-4.4g, Q1-4.4q, A-11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

ProblemCode = Literal[
    "time_missing", "result_missing", "note_missing", "photo_missing", "unknown_item", "duplicate_item"
]
PERSONAL = "GM"  # the discipline that every post itself is checked for
CERTIFICATES = "GM-10"  # and the item of it that only matters where certificates do


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a check a draft; ``item`` is None when it is not about one item."""

    code: ProblemCode
    item: str | None = None


def unit_items(
    items: Sequence[Mapping[str, Any]], post_types: Iterable[Mapping[str, Any]], unit: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """The items that apply to one unit, in the order of the standard (domain 8).

    ``items``: check items of one version `{code, discipline, order, …}`; ``post_types``: `{code, items}`;
    ``unit``: `{area, post_type, certificates, items_off}`, ``area`` None for a post itself. An unknown post
    type has no items.
    """
    ordered = sorted(items, key=lambda item: item["order"])
    if unit.get("area") is None:
        return [
            item
            for item in ordered
            if item["discipline"] == PERSONAL and (item["code"] != CERTIFICATES or unit["certificates"])
        ]
    taken = {code for row in post_types if row["code"] == unit["post_type"] for code in row["items"]}
    taken -= set(unit.get("items_off") or ())
    return [item for item in ordered if item["code"] in taken]


def problems(
    items: Iterable[Mapping[str, Any]],
    results: Iterable[Mapping[str, Any]],
    started_at: datetime | str | None,
    ended_at: datetime | str | None,
) -> list[Problem]:
    """What is missing before the check counts; empty: complete.

    ``items``: the unit's `{code, photo_rule, required}` (``required`` by default); ``results``:
    `{item, result, note, photos, no_photo_reason}`. First the times, then the items in their order, then
    results that belong to no item or repeat one.
    """
    found = [] if started_at and ended_at else [Problem("time_missing")]
    known = list(items)
    by_item: dict[str, Mapping[str, Any]] = {}
    strangers: list[Problem] = []
    codes = {item["code"] for item in known}
    for result in results:
        code = result["item"]
        if code not in codes:
            strangers.append(Problem("unknown_item", code))
        elif code in by_item:
            strangers.append(Problem("duplicate_item", code))
        else:
            by_item[code] = result
    for item in known:
        given = by_item.get(item["code"])
        # Of an item that conforms and wants no photo nothing can be missing, and most are such.
        if given is None or given.get("result") != "conform" or item["photo_rule"] == "A":
            found += _item_problems(item, given)
    return found + strangers


def _item_problems(item: Mapping[str, Any], result: Mapping[str, Any] | None) -> list[Problem]:
    code = item["code"]
    if result is None or result.get("result") is None:
        return [Problem("result_missing", code)] if item.get("required", True) else []
    found = []
    if result["result"] == "nonconform" and _is_blank(result.get("note")):
        found.append(Problem("note_missing", code))
    shown = result.get("photos") or not _is_blank(result.get("no_photo_reason"))
    if not shown and needs_photo(item["photo_rule"], result["result"]):
        found.append(Problem("photo_missing", code))
    return found


def needs_photo(photo_rule: str, result: str) -> bool:
    """Does this result want a photo? A: always, but there is nothing to show of an item that does not apply;
    F: on failure; N: none."""
    return (photo_rule == "A" and result != "not_applicable") or (
        photo_rule == "F" and result == "nonconform"
    )


def _is_blank(text: str | None) -> bool:
    return text is None or not text.strip()
