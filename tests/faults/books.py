"""What the database holds against what tablets were told: lost, halved, doubled or changed (I1, I2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from server import cli
from server.config import Settings
from server.storage.database import Database, open_database
from tests.faults.writers import Writer
from tests.served import Served

Sent = dict[str, dict[str, Any]]
"""By the id of the commit: it, or the answer to it."""

# What one commit leaves behind, and by what it is found. A projection row belongs to a record of the commit.
_BY_RECORD = {
    "records": "SELECT id FROM records",
    "coverage_checks": 'SELECT "check" FROM coverage_checks',
    "check_parts": "SELECT record FROM check_parts",
    "photo_uses": "SELECT record FROM photo_uses",
}
_KINDS = {
    "records": {"inspection", "area_check", "photo", "finding"},
    "coverage_checks": {"area_check"},
    "check_parts": {"photo", "finding"},
    "photo_uses": {"photo"},
}


@dataclass
class Books:
    """Commits by what is wrong with them."""

    sent: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    """Acknowledged, and not there or not as answered."""
    halved: list[str] = field(default_factory=list)
    """There in part: some of log rows, records, projections and receipt, not all."""
    wrong: list[str] = field(default_factory=list)
    """What `make verify` says."""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.halved or self.wrong)


def balance(served: Served, writers: Sequence[Writer]) -> Books:
    """Go through everything that was ever sent; the server may be running or dead."""
    # Noted before the database is looked at, since they may be writing on.
    told = [(dict(writer.commits), dict(writer.acknowledged)) for writer in writers]
    with closing(open_database(served.database_url, served.data)) as database, database.read():
        books = _balance(database, told)
    said = StringIO()
    with redirect_stdout(said):
        cli.verify_data(Settings(data=served.data, database_url=served.database_url, secret_key="unused"))
    books.wrong = [line for line in said.getvalue().splitlines() if line.startswith("✗")]
    return books


def _balance(database: Database, told: Sequence[tuple[Sent, Sent]]) -> Books:
    books = Books()
    logged: dict[str, dict[str, int]] = {}
    for ident, change, seq in database.rows('SELECT "commit", change, seq FROM log'):
        logged.setdefault(ident, {})[change] = seq
    receipts = {row[0] for row in database.rows("SELECT id FROM receipts")}
    found = {table: Counter(_first(database.rows(sql))) for table, sql in _BY_RECORD.items()}
    for commits, acknowledged in told:
        for ident, commit in commits.items():
            changes = commit["changes"]
            seqs = logged.get(ident, {})
            rows = [int(change["id"] in seqs) for change in changes] + [int(ident in receipts)]
            rows += [
                found[table][change["record"]]
                for table, kinds in _KINDS.items()
                for change in changes
                if change["kind"] in kinds
            ]
            books.sent += 1
            if len(set(rows)) != 1 or rows[0] > 1:
                books.halved.append(ident)
            answer = acknowledged.get(ident)
            books.acknowledged += answer is not None
            if answer is not None and (answer["status"] != "applied" or answer["seqs"] != seqs):
                books.lost.append(ident)
    return books


def _first(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [row[0] for row in rows]
