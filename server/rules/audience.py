"""Whom the author of a record may show it to (`protocol.md` section 1: an audience is fixed at creation)."""

from __future__ import annotations

import re
from collections.abc import Collection

EVERYBODY = "project"
_PERSON = re.compile("person:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def strange_tokens(
    asked: Collection[str], usual: Collection[str], narrower: Collection[str], reviewed: Collection[str]
) -> list[str]:
    """The tokens that keep an audience from being allowed, sorted; empty if it is.

    An audience may only narrow: the kind's ``usual`` tokens, single persons, and where everybody may read by
    default also ``narrower`` groups. And it may not shut out whoever reviews: one token must be usual for
    the kind or among ``reviewed``, those that reviewers read by; else all that was asked is returned.
    """
    allowed = {*usual, *(narrower if EVERYBODY in usual else ())}
    strange = sorted(token for token in asked if token not in allowed and not _PERSON.fullmatch(token))
    if strange or not {*usual, *reviewed}.isdisjoint(asked):
        return strange
    return sorted(asked)
