"""Signing PINs and the codes that enrol them. What is slow to check is checked outside of any transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from server.rules.acts import Act, Actor
from server.rules.pins import MOST_FAILURES, Secret
from server.storage.acts import note_act
from server.storage.database import Database
from server.storage.people_models import Pin, PinCode


@dataclass(frozen=True, slots=True)
class PinRow:
    """A person's PIN. Without ``secret`` he has set none; ``code_expires_at``: of a code that counts."""

    person: str
    version: int = 0
    secret: Secret | None = None
    set_at: str | None = None
    locked: bool = False
    code_expires_at: str | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """A try that is counted already, with what to check it against. ``last``: if wrong, it stays locked."""

    pin: PinRow
    code_hash: str | None
    last: bool


class Pins:
    """Queries over PINs and codes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, people: Collection[str], now: str) -> dict[str, PinRow]:
        """The PINs of these people, by person; one of whom nothing is known has version 0."""
        condition, values = self.database.dialect.among("person", sorted(people))
        codes: dict[str, str] = dict(
            self.database.rows(
                f"SELECT person, expires_at FROM pin_codes WHERE {_COUNTS} AND {condition}", (now, *values)
            )
        )
        rows = {row[0]: row for row in self.database.rows(f"{_SELECT} WHERE {condition}", values)}
        return {
            person: _read(rows.get(person, (person, 0, 0, None, None, None, 0)), codes.get(person))
            for person in people
        }

    def begin_try(self, person: str, by_code: bool, now: str) -> Try | None:
        """Count a try before it is judged, so that two at once count twice and nothing takes one back.

        ``None``: locked, and there is nothing to judge. The fifth wrong one in a row locks; a fresh code has
        five tries of its own, also while the PIN before is locked.
        """
        with self.database.write() as tx:
            tx.run(_ENSURE, (person,))
            counted = tx.run(_COUNT_PIN, (person,))
            code = None
            if by_code and tx.run(_COUNT_CODE, (person, now)):
                code = tx.row("SELECT hash, failures FROM pin_codes WHERE person = ?", (person,))
            if not counted and code is None:
                return None
            if code is not None and code[1] >= MOST_FAILURES:
                tx.run("UPDATE pins SET locked = 1 WHERE person = ?", (person,))
            row = tx.row(f"{_SELECT} WHERE person = ?", (person,))
            assert row is not None
            spent = code[1] >= MOST_FAILURES if code is not None else bool(row[6])
            return Try(_read(row, None), code[0] if code else None, spent)

    def set(self, person: str, tried: Try, secret: Secret, actor: Actor) -> bool:
        """Set a PIN that was proven. ``False``: the code was used, or the PIN set anew, in the meantime."""
        with self.database.write() as tx:
            # The row of the PIN is locked first, here as in a try, so that the two never wait for each other.
            same = tx.run(_SAME_PIN, (person, tried.pin.version))
            if tried.code_hash is not None:
                used = (actor.at, person, tried.code_hash, actor.at)
                proof, proven = "code", tx.run(_USE_CODE, used)
            else:
                proof, proven = "old_pin", same
            if not proven:
                return False
            version = _set(tx, person, secret, actor)
            tx.run(
                "UPDATE pin_codes SET used_at = ? WHERE person = ? AND used_at IS NULL", (actor.at, person)
            )
            before, after = {"version": version - 1}, {"version": version, "proof": proof}
            note_act(tx, Act(actor, "pin_set", person, before, after))
            return True

    def enrol(self, person: str, code_hash: str, expires_at: str, actor: Actor) -> None:
        """Keep a new one-time code; earlier ones no longer count."""
        with self.database.write() as tx:
            tx.run(tx.table(PinCode).upsert, (person, code_hash, expires_at, actor.user, None, 0))
            note_act(tx, Act(actor, "pin_code", person, {}, {"expires_at": expires_at}))

    def unlock(self, person: str, actor: Actor) -> None:
        """Lift the lock, here and with the new version on every tablet."""
        with self.database.write() as tx:
            tx.run(_ENSURE, (person,))
            tx.run(_UNLOCK, (person,))
            row = tx.row("SELECT version FROM pins WHERE person = ?", (person,))
            assert row is not None
            note_act(tx, Act(actor, "pin_unlock", person, {}, {"version": row[0]}))

    def give(self, secrets: Iterable[tuple[str, Secret]], actor: Actor) -> None:
        """Give people PINs that they did not choose: for the demo."""
        rows = [
            (person, 1, secret.iterations, secret.salt, secret.verifier, actor.at, actor.user, 0, 0)
            for person, secret in secrets
        ]
        with self.database.write() as tx:
            tx.run_many(tx.table(Pin).upsert, rows)


def _set(tx: Database, person: str, secret: Secret, actor: Actor) -> int:
    """The new version."""
    tx.run(
        "UPDATE pins SET version = version + 1, iterations = ?, salt = ?, verifier = ?, set_at = ?, "
        "set_by = ?, failures = 0, locked = 0 WHERE person = ?",
        (secret.iterations, secret.salt, secret.verifier, actor.at, actor.user, person),
    )
    row = tx.row("SELECT version FROM pins WHERE person = ?", (person,))
    assert row is not None
    return int(row[0])


def _read(row: tuple[str, int, int, str | None, str | None, str | None, int], code: str | None) -> PinRow:
    person, version, iterations, salt, verifier, set_at, locked = row
    secret = Secret(iterations, salt, verifier) if salt and verifier else None
    return PinRow(person, version, secret, set_at, bool(locked), code)


_SELECT = "SELECT person, version, iterations, salt, verifier, set_at, locked FROM pins"
# A code that may still be tried.
_COUNTS = f"used_at IS NULL AND expires_at > ? AND failures < {MOST_FAILURES}"
_COUNT_CODE = f"UPDATE pin_codes SET failures = failures + 1 WHERE person = ? AND {_COUNTS}"
_ENSURE = (
    "INSERT INTO pins (person, version, iterations, failures, locked) VALUES (?, 0, 0, 0, 0) "
    "ON CONFLICT (person) DO NOTHING"
)
# The fifth try locks before it is judged; if it is right, setting the PIN lifts the lock again.
_COUNT_PIN = (
    "UPDATE pins SET failures = failures + 1, "
    f"locked = CASE WHEN failures + 1 >= {MOST_FAILURES} THEN 1 ELSE 0 END WHERE person = ? AND locked = 0"
)
_SAME_PIN = "UPDATE pins SET failures = 0 WHERE person = ? AND version = ?"
_USE_CODE = (
    "UPDATE pin_codes SET used_at = ? WHERE person = ? AND hash = ? AND used_at IS NULL AND expires_at > ?"
)
_UNLOCK = (
    "UPDATE pins SET locked = 0, failures = 0, "
    "version = CASE WHEN verifier IS NULL THEN version ELSE version + 1 END WHERE person = ?"
)
