"""Who may have which bytes (`protocol.md` sections 2 and 6, I17): whoever sent them, and whoever may read a
record (or review a parked commit) that names them, if its author sent them or could read them. Naming a hash
gives nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol


class Use(Protocol):
    """A record or a parked commit that names a hash: where it is, who made it, who may read it."""

    @property
    def space(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def audience(self) -> Collection[str]: ...
    @property
    def parked(self) -> bool: ...


MayRead = Callable[[str, Use], bool]
"""Whether a person may read a record."""


def allowed(
    user: str,
    hashes: Iterable[str],
    senders: Mapping[str, Collection[str]],
    uses: Mapping[str, Sequence[Use]],
    may_read: MayRead,
) -> set[str]:
    """Those of these blobs that ``user`` may have; ``senders`` and ``uses`` by hash."""
    return {
        sha256
        for sha256 in hashes
        if user in senders.get(sha256, ())
        or any(
            may_read(user, use) for use in grounded(senders.get(sha256, ()), uses.get(sha256, ()), may_read)
        )
    }


def grounded(senders: Collection[str], uses: Sequence[Use], may_read: MayRead) -> list[Use]:
    """The uses whose author had the bytes: he sent them, or may read a use that is itself grounded."""
    found = [use for use in uses if use.author in senders]
    rest = [use for use in uses if use.author not in senders]
    while rest:
        more = [use for use in rest if any(may_read(use.author, known) for known in found)]
        if not more:
            break
        found += more
        rest = [use for use in rest if use not in more]
    return found
