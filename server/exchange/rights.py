"""Who a user is today: roles by space, and what he may read (`domain.md` section 2, X-14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.access import AUDIENCE_ROLES, READS_EVERY_PROJECT, READS_OWN_BRANCH
from schemas.record import HEADQUARTERS
from server.rules.authority import SERVER
from sync.ports import Reader


class GrantLike(Protocol):
    """A role assignment; days are inclusive. ``branch`` narrows one that is held in headquarters."""

    @property
    def space(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def branch(self) -> str | None: ...
    @property
    def starts_on(self) -> str: ...
    @property
    def ends_on(self) -> str | None: ...


class SpaceLike(Protocol):
    """A space, as far as rights depend on it."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def branch(self) -> str | None: ...


class GrantSource(Protocol):
    """Where role assignments and spaces are kept."""

    def rights_version(self) -> int: ...
    def grants_of(self, person: str) -> Sequence[GrantLike]: ...
    def all(self) -> Sequence[SpaceLike]: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What one user may do on one day. ``roles``: by readable space; ``once``: spaces that he may read or
    could read at some time: work for them is taken in and judged, not turned away."""

    user: str
    roles: Mapping[str, frozenset[str]]
    once: frozenset[str]

    def may_read(self, space: str) -> bool:
        """Whether this user reads a space at all."""
        return space in self.roles

    def audiences(self, space: str) -> frozenset[str]:
        """The audience tokens whose records he may read in a space: none where he does not read the space."""
        roles = self.roles.get(space)
        if roles is None:
            return frozenset()
        own = f"person:{self.user}"
        held = {token for token, names in AUDIENCE_ROLES.items() if roles.intersection(names)}
        return frozenset(("project", own, *held))

    def reader(self, space: str) -> Reader:
        """The same for the engine."""
        return Reader(self.audiences(space))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes a request. ``shut_out``: ``device`` (revoked) or ``account`` (disabled); may only hand in."""

    user: str
    username: str
    device: str
    standing: Standing
    shut_out: str = ""
    token_hash: str = ""

    @property
    def quarantined(self) -> bool:
        """What arrives now is parked for a reviewer."""
        return self.shut_out != ""

    @property
    def roles(self) -> Mapping[str, frozenset[str]]:
        """Roles by readable space."""
        return self.standing.roles

    @property
    def spaces(self) -> frozenset[str]:
        """The spaces that this user may read."""
        return frozenset(self.standing.roles)

    def audiences(self, space: str) -> frozenset[str]:
        """The audience tokens whose records this user may read in a space."""
        return self.standing.audiences(space)


def standing(user: str, grants: Sequence[GrantLike], spaces: Sequence[SpaceLike], today: str) -> Standing:
    """Judge role assignments on a day: what is held in headquarters holds company-wide."""
    # Nobody is the server: its steps (submitted, accepted) are jobs, whatever an assignment says.
    grants = [grant for grant in grants if grant.role != SERVER]
    active = [grant for grant in grants if grant.starts_on <= today <= (grant.ends_on or today)]
    roles = {space.id: held for space in spaces if (held := _roles_in(space, active, spaces)) is not None}
    once = {space.id for space in spaces if _roles_in(space, grants, spaces) is not None}
    return Standing(user, roles, frozenset(once))


def _roles_in(
    space: SpaceLike, grants: Iterable[GrantLike], spaces: Sequence[SpaceLike]
) -> frozenset[str] | None:
    """The roles that grants give in one space; ``None`` if they do not even let it be read."""
    headquarters = {one.id for one in spaces if one.type == HEADQUARTERS}
    here, company = set(), set()
    for grant in grants:
        if grant.space == space.id:
            here.add(grant.role)
        elif grant.space in headquarters:
            if grant.role in READS_OWN_BRANCH:
                if grant.branch is not None and grant.branch == space.branch:
                    here.add(grant.role)
            else:
                company.add(grant.role)
    if space.type == HEADQUARTERS:
        return frozenset(here)
    if here or company.intersection(READS_EVERY_PROJECT):
        return frozenset(here | company)
    return None


class Rights:
    """Standings, kept until somebody's rights change or the day turns."""

    def __init__(self, source: GrantSource, today: Callable[[], str]) -> None:
        self._source, self._today = source, today
        # Replaced whole, so that what a thread read before a change never lands among what holds after it.
        self._kept: tuple[tuple[int, str], dict[str, Standing]] = ((-1, ""), {})

    def of(self, user: str, version: int | None = None) -> Standing:
        """The standing of a user. ``version``: that of the rights, if it was just read."""
        wanted = (self._source.rights_version() if version is None else version, self._today())
        kept_for, kept = self._kept
        if wanted != kept_for:
            kept = {}
            self._kept = (wanted, kept)
        found = kept.get(user)
        if found is None:
            found = standing(user, self._source.grants_of(user), self._source.all(), wanted[1])
            kept[user] = found
        return found
