"""What the exchange tells whoever listens, after each commit."""

from __future__ import annotations

from dataclasses import dataclass

from server.exchange.ports import ExchangeTransaction

RIGHTS_KINDS = frozenset(("role_assignment", "person", "project_centre"))
CHARGE_KINDS = frozenset(("inspector_scope", "deputy_appointment", "post"))


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened in a space; without a name: in none of them, but to accounts or devices.

    ``rights``: somebody's rights may have changed, those of ``people`` by their roles; ``everybody``:
    anybody's, because a project changed; ``charge``: who is in charge of what in this space.
    """

    space: str
    head: int
    rights: bool = False
    people: frozenset[str] = frozenset()
    everybody: bool = False
    charge: bool = False


def notice_of(tx: ExchangeTransaction, head: int) -> Notice:
    """What to tell of a transaction that has written, once it is committed."""
    written = tx.kinds_written
    return Notice(
        tx.space,
        head,
        rights=bool(written & RIGHTS_KINDS),
        people=tx.people_concerned,
        everybody="project_centre" in written,
        charge=bool(written & CHARGE_KINDS),
    )
