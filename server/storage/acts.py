"""The journal of administration: acts are added in the transaction that does them, and never changed."""

from __future__ import annotations

import json

from server.rules.acts import GENESIS, Act, Actor, canonical, link
from server.storage.database import Database, Row
from server.storage.people_models import ActRow


def note_act(tx: Database, act: Act) -> None:
    """Add an act within the write transaction that does it.

    The counter is taken first: whoever writes at the same time waits, so numbers run without holes and each
    act is chained to the one before.
    """
    tx.run(
        "INSERT INTO counters (name, value) VALUES ('acts', 1) "
        "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
    )
    counted = tx.row("SELECT value FROM counters WHERE name = 'acts'")
    number = int(counted[0]) if counted else 1
    before = tx.row("SELECT chain FROM acts WHERE number = ?", (number - 1,))
    chain = link(before[0] if before else GENESIS, act)
    actor = act.actor
    row = (
        number, actor.at, actor.user, actor.device, act.what, act.target, canonical(act.before),
        canonical(act.after), act.reason, chain,
    )  # fmt: skip
    tx.run(tx.table(ActRow).insert, row)


class Acts:
    """Reads the journal."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, target: str) -> list[Act]:
        """What was done to one person, device or account, the oldest first."""
        table = self.database.table(ActRow)
        return [
            _read(row)
            for row in self.database.rows(f"{table.select} WHERE target = ? ORDER BY number", (target,))
        ]

    def broken_at(self) -> int | None:
        """The number of the first act that was changed or is missing; ``None``: all are whole."""
        with self.database.read():
            return self.broken_in_view()

    def broken_in_view(self) -> int | None:
        """The same within a view of the database that the caller holds open."""
        rows = self.database.rows(f"{self.database.table(ActRow).select} ORDER BY number")
        counted = self.database.row("SELECT value FROM counters WHERE name = 'acts'")
        previous = GENESIS
        for number, row in enumerate(rows, 1):
            if row[0] != number or row[9] != link(previous, _read(row)):
                return number
            previous = row[9]
        return len(rows) + 1 if counted and int(counted[0]) != len(rows) else None


def _read(row: Row) -> Act:
    _, at, by, device, what, target, before, after, reason, _ = row
    return Act(Actor(by, device, at), what, target, json.loads(before), json.loads(after), reason)
