"""Who may have which bytes (`protocol.md` sections 2 and 6, I17): whoever sent them, and whoever may read a
record that names them, if that record's author sent them or could read them. Naming a hash gives nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """A record that names a hash: who made it, and who may read it."""

    record: str
    space: str
    author: str
    audience: tuple[str, ...]


def may_have(
    user: str,
    senders: Collection[str],
    uses: Sequence[Use],
    may_read: Callable[[str, Use], bool],
) -> bool:
    """Whether ``user`` may have bytes that ``senders`` sent and ``uses`` name; ``may_read(person, use)``."""
    return user in senders or any(may_read(user, use) for use in grounded(senders, uses, may_read))


def grounded(
    senders: Collection[str], uses: Sequence[Use], may_read: Callable[[str, Use], bool]
) -> list[Use]:
    """The uses whose author had the bytes: he sent them, or could read a use that is itself grounded."""
    found = [use for use in uses if use.author in senders]
    rest = [use for use in uses if use.author not in senders]
    while rest:
        more = [use for use in rest if any(may_read(use.author, known) for known in found)]
        if not more:
            break
        found += more
        rest = [use for use in rest if use not in more]
    return found
