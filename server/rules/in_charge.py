"""Who is in charge of a daily check, and so of what it found (requirements Q1-3.4.2a, Q1-4.1, Q1-4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Data = Mapping[str, Any]


def in_charge(
    user: str,
    finding: Data,
    post: Data | None,
    scopes: Iterable[Data],
    deputies: Iterable[Data],
    day: str,
) -> bool:
    """Whether ``user`` evaluates and follows up this finding at daily level.

    He found it himself; or its post belongs to a team or item in his scope on that ``day``; or he is that
    day's deputy of somebody of whom one of these is true. ``scopes``: `{inspector, team, item, starts_on,
    ends_on}`; ``deputies``: `{inspector, deputy, starts_on, ends_on}`; ``post``: its data, ``None`` if
    unknown. Days are inclusive, ``2026-11-23``.
    """
    heads = {finding.get("found_by")}
    if post is not None:
        heads |= {
            scope["inspector"]
            for scope in scopes
            if _within(day, scope) and any(post.get(key) and post[key] == scope.get(key) for key in PLACES)
        }
    return user in heads or any(
        row["deputy"] == user and row["inspector"] in heads and _within(day, row) for row in deputies
    )


PLACES = ("team", "item")


def _within(day: str, period: Data) -> bool:
    return bool(period["starts_on"] <= day <= (period.get("ends_on") or day))
