"""Accounts and their sessions."""

from __future__ import annotations

from dataclasses import dataclass

from server.rules.acts import Act, Actor
from server.storage.acts import note_act
from server.storage.database import Database
from server.storage.models import Account, Token
from server.storage.spaces import RIGHTS_VERSION


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Who may sign in. ``disabled``: by an administrator, or because the person record is inactive."""

    user: str
    username: str
    password_hash: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account as administrators see it. ``disabled``: by one of them; ``inactive``: he has left."""

    user: str
    username: str
    disabled: bool
    inactive: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A live session with the state of its account and device, and the version of everybody's rights."""

    user: str
    username: str
    device: str
    device_state: str
    disabled: bool
    expires_at: str
    rights: int


class Accounts:
    """Queries over accounts and sessions. Tokens come and go as hashes only."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, user: str, username: str, password_hash: str, *, demo: bool = False) -> None:
        """Make an account, or give an existing user this name and password."""
        with self.database.write() as tx:
            tx.run(tx.table(Account).upsert, (user, username, password_hash, 0, 0, int(demo)))

    def by_username(self, username: str) -> AccountRow | None:
        """The account of this name."""
        row = self.database.row(
            'SELECT "user", username, password_hash, disabled + inactive FROM accounts WHERE username = ?',
            (username,),
        )
        return AccountRow(row[0], row[1], row[2], bool(row[3])) if row else None

    def set_disabled(self, user: str, disabled: bool) -> None:
        """Disable or enable an account: its sessions stay, and may only hand in what they hold."""
        with self.database.write() as tx:
            tx.run('UPDATE accounts SET disabled = ? WHERE "user" = ?', (int(disabled), user))

    def change_disabled(self, user: str, disabled: bool, actor: Actor, reason: str) -> None:
        """The same as an act of administration, with its reason; nothing if it is so already."""
        with self.database.write() as tx:
            changed = tx.run(
                'UPDATE accounts SET disabled = ? WHERE "user" = ? AND disabled <> ?',
                (int(disabled), user, int(disabled)),
            )
            if changed:
                before, after = {"disabled": not disabled}, {"disabled": disabled}
                note_act(tx, Act(actor, "account_state", user, before, after, reason))

    def all(self) -> list[AccountState]:
        """Every account, by user name."""
        rows = self.database.rows(
            'SELECT "user", username, disabled, inactive FROM accounts ORDER BY username, "user"'
        )
        return [AccountState(user, name, bool(off), bool(left)) for user, name, off, left in rows]

    def demo_usernames(self) -> list[str]:
        """The names of the demo accounts, sorted."""
        found = self.database.rows("SELECT username FROM accounts WHERE demo = 1 ORDER BY username")
        return [row[0] for row in found]

    def username(self, user: str) -> str | None:
        """The user name of a user."""
        row = self.database.row('SELECT username FROM accounts WHERE "user" = ?', (user,))
        return row[0] if row else None

    def open_session(self, token_hash: str, user: str, device: str, now: str, expires_at: str) -> None:
        """Keep a new session; what has expired is cleared away."""
        with self.database.write() as tx:
            tx.run("DELETE FROM tokens WHERE expires_at < ?", (now,))
            tx.run(tx.table(Token).insert, (token_hash, user, device, now, expires_at))

    def close_session(self, token_hash: str) -> None:
        """Forget a session."""
        with self.database.write() as tx:
            tx.run("DELETE FROM tokens WHERE hash = ?", (token_hash,))

    def session(self, token_hash: str) -> SessionRow | None:
        """The session of a token."""
        row = self.database.row(_SESSION, (token_hash,))
        return SessionRow(row[0], row[1], row[2], row[3], bool(row[4]), row[5], int(row[6])) if row else None


_SESSION = f"""
SELECT t."user", a.username, t.device, d.state, a.disabled + a.inactive, t.expires_at,
       {RIGHTS_VERSION}
FROM tokens t JOIN accounts a ON a."user" = t."user" JOIN devices d ON d.id = t.device
WHERE t.hash = ?
"""
