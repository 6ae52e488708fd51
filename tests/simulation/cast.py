"""Who plays: kinds of records, people and what they may read, rules, formats old and new.

Kinds and small rules are those of the engine's own stage (`tests.sync.stage`), with a kind and a format that
the server only learns of in the middle of a history.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sync.change import SERVER, Author, BrokenCommit, Commit, break_commit, read_commit
from sync.conflict import CONFLICT
from sync.kinds import Catalogue
from sync.ports import Case, Problem, Reader
from sync.records import Record
from tests.sync.stage import KINDS, SmallRules, kind

SPACES = ("hq", "qyl", "xqgy")
PROJECTS = SPACES[1:]
MEMO = "memo"
"""A kind that a tablet with a newer app knows before the server does."""
LEARNED: Catalogue = {**KINDS, MEMO: kind(MEMO, "text", "topic", deletable=True)}

OLD_FORMAT, FORMAT, NEW_FORMAT = 1, 2, 3
"""A year ago, today, and that of an app which is newer than the server."""

USERS: Mapping[str, Mapping[str, frozenset[str]]] = {
    user: {space: frozenset({*own, f"person:{user}"}) for space in spaces}
    for user, spaces, own in (
        ("he", SPACES, ("project",)),
        ("xie", SPACES, ("project",)),
        ("sun", SPACES, ("project", "desk")),
        ("tang", ("hq", "qyl"), ("project", "desk")),
        ("lei", ("hq", "xqgy"), ("project",)),
        ("zeng", SPACES, ("project", "desk", "hr")),
    )
}
"""Per user the spaces that he reads in the beginning, with his audiences there."""
REVIEWERS = ("zeng", "sun")
OFFICE = Author("admin", SERVER)


class Rights:
    """Who may read what, now. `changed` counts, so that others may keep what they derived."""

    def __init__(self) -> None:
        self.now: dict[str, dict[str, frozenset[str]]] = {user: dict(held) for user, held in USERS.items()}

    def audiences(self, user: str, space: str) -> frozenset[str]:
        """The audiences whose records a user reads in a space; none where he may not enter."""
        return self.now[user].get(space, frozenset())

    def spaces(self, user: str) -> list[str]:
        """The spaces that he may enter, headquarters first."""
        return [space for space in SPACES if space in self.now[user]]

    def reader(self, user: str, space: str) -> Reader:
        """The same for the engine."""
        return Reader(self.audiences(user, space))

    def may_read(self, user: str, space: str, audience: Collection[str]) -> bool:
        """Whether he may read a record of this audience."""
        return not self.audiences(user, space).isdisjoint(audience)

    def take(self, user: str, space: str, token: str) -> None:
        """Take an audience from him, or (`*`) the whole space."""
        if token == "*":
            self.now[user].pop(space, None)
        elif space in self.now[user]:
            left = self.now[user][space] - {token}
            self.now[user][space] = left
            if not left:
                del self.now[user][space]

    def give(self, user: str, space: str) -> None:
        """Give him back all that he had in a space, if he ever had anything there."""
        if space in USERS[user]:
            self.now[user][space] = USERS[user][space]


class Rules(SmallRules):
    """The small rules, and rights: who may not enter a space may not write there."""

    def __init__(self, rights: Rights, space: str) -> None:
        self.rights, self.space = rights, space

    def can_read(self, author: Author, record: Record) -> bool:
        """By audience; the built-in device reads everything."""
        return author.device == SERVER or self.rights.may_read(author.user, record.space, record.audience)

    def judge(self, case: Case) -> Sequence[Problem]:
        """Rights first, as the server does."""
        by = case.author
        if by.device != SERVER and not self.rights.audiences(by.user, self.space):
            return (Problem("forbidden", self.space),)
        return super().judge(case)


class Formats:
    """What the server can read. Raising an older commit to today's form is a pure function."""

    def __init__(self) -> None:
        self.learned = False
        """Whether the server was updated: then it knows the newer kind and format."""

    @property
    def catalogue(self) -> Catalogue:
        """The kinds that the server knows."""
        return LEARNED if self.learned else KINDS

    def read(self, raw: Any, format: int = FORMAT) -> Commit | BrokenCommit:
        """Check and parse a commit of any format that was ever published."""
        if format > (NEW_FORMAT if self.learned else FORMAT):
            return break_commit(raw, "unknown_format", str(format), format=format)
        if format == OLD_FORMAT:
            return read_commit(raise_old(raw), format=format, received=raw)
        return read_commit(raw, format=format)


def raise_old(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A year ago a finding's `note` was called `text`."""
    return {**raw, "changes": [_raise_change(change) for change in raw["changes"]]}


def _raise_change(change: Mapping[str, Any]) -> dict[str, Any]:
    if change["kind"] != "finding":
        return dict(change)
    renamed = dict(change)
    for part in ("set", "base"):
        if part in change:
            renamed[part] = {("note" if k == "text" else k): v for k, v in change[part].items()}
    return renamed


def lower_old(change: Mapping[str, Any]) -> dict[str, Any]:
    """How an app of a year ago wrote a change."""
    if change["kind"] != "finding":
        return dict(change)
    lowered = dict(change)
    for part in ("set", "base"):
        if part in change:
            lowered[part] = {("text" if k == "note" else k): v for k, v in change[part].items()}
    return lowered


__all__ = ["CONFLICT", "KINDS", "LEARNED", "SPACES", "USERS", "Formats", "Rights", "Rules"]
