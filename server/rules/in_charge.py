"""Who is in charge of a daily check, and so of what it found (requirements Q1-3.4.2a, Q1-4.1, Q1-4.2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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


def places_in_charge(
    user: str, teams: Mapping[str, Data], scopes: Iterable[Data], deputies: Iterable[Data], day: str
) -> set[str]:
    """The teams and items that ``user`` is in charge of on that ``day``: he leads the team, it is in his
    scope, or he is that day's deputy of somebody of whom one of these is true. ``teams``: `{lead}` by id."""
    represented = {
        user,
        *(row["inspector"] for row in deputies if row["deputy"] == user and _within(day, row)),
    }
    led = {ident for ident, team in teams.items() if team.get("lead") in represented}
    in_scope = {
        scope[key]
        for scope in scopes
        if scope["inspector"] in represented and _within(day, scope)
        for key in PLACES
        if scope.get(key)
    }
    return led | in_scope


def people_of(
    places: Collection[str],
    people: Mapping[str, Data],
    teams: Mapping[str, Data],
    posts: Iterable[Data],
    day: str,
) -> set[str]:
    """Who belongs to these teams and items on that ``day``: their members, their leads, and whoever holds one
    of their posts. Nobody else, whatever other records say: only ``people`` (`{team, active}` by id) who have
    not left."""
    members = {ident for ident, person in people.items() if person.get("team") in places}
    leads = {team.get("lead") for ident, team in teams.items() if ident in places}
    holders = {
        element["value"]
        for post in posts
        if any(post.get(key) in places for key in PLACES) and _serves(day, post)
        for element in post.get("holders") or ()
    }
    found = members | leads | holders
    return {ident for ident, person in people.items() if ident in found and person.get("active")}


def _serves(day: str, post: Data) -> bool:
    return bool(post["effective_from"] <= day <= (post.get("effective_until") or day))
