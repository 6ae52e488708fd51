"""What server and tablets hold when everything is over, as plain data: all that the oracle knows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.storage.database import Database
from server.storage.models import LogEntry, RecordRow
from server.storage.rows import read_log_row, read_record

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One row of the log. ``content``: the change as it was sent; ``values``: whole units that it set in
    part."""

    seq: int
    commit: str
    user: str
    device: str
    content: Json
    values: Json

    @property
    def change(self) -> str:
        """Its id."""
        return str(self.content["id"])

    @property
    def record(self) -> str:
        """The record that it is about."""
        return str(self.content["record"])

    @property
    def kind(self) -> str:
        """The kind of that record."""
        return str(self.content["kind"])


@dataclass(frozen=True)
class SpaceDump:
    """A space as it stands in the database."""

    head: int
    generation: str
    log: Sequence[Line]
    records: Mapping[str, Any]
    """`sync.records.Record` by id, as the storage reader gives them: values, no judgement."""
    parked: Mapping[str, Json]


@dataclass(frozen=True)
class ServerDump:
    """The database at one moment."""

    spaces: Mapping[str, SpaceDump]
    receipts: Mapping[str, Json]
    """By commit id: space, user, device, n, result."""
    keys: Mapping[str, Json]
    """By device: the public key that it registered, as a JWK."""


@dataclass(frozen=True)
class Look:
    """A tablet's disk at some moment of the history, as `pwa/tests/simulation/dump.ts` gives it."""

    tablet: str
    disk: Json
    without: frozenset[str] = frozenset()
    """Spaces that its user had lost by then."""


@dataclass
class Evidence:
    """Everything that a history leaves behind."""

    server: ServerDump
    tablets: Mapping[str, Json]
    looks: Sequence[Look] = ()
    past: Sequence[ServerDump] = ()
    """The database as it was just before each restore, in order."""
    pulled: Mapping[tuple[str, str], Json] = field(default_factory=dict)
    """By user and space: what a fresh device gets, with `records` by id and `checksum`; nobody's wire
    between."""
    photos: Mapping[str, str] = field(default_factory=dict)
    """By sha256: the hash of what the server gives back for it, or why it gives nothing."""
    resent: Sequence[tuple[Json, Json]] = ()
    """For each commit that was sent once more when all was over: the answer heard before, and this one."""
    after: ServerDump | None = None
    """The database when all of that had been sent again."""
    forfeited: frozenset[str] = frozenset()
    """Tablets that were declared lost."""
    shut: frozenset[str] = frozenset()
    """Tablets whose user or device was shut out in the end: what they handed in is parked."""
    handed_in: frozenset[str] = frozenset()
    """Tablets that were wiped at some time once everything was handed in: parked was enough then."""
    epochs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By space and epoch: in which generation somebody was told of it."""


def dump_server(database: Database) -> ServerDump:
    """Read a database whose server may be running."""
    with database.read() as tx:
        spaces = tx.rows("SELECT id, head, generation FROM spaces")
        keys = tx.rows("SELECT id, public_key FROM devices WHERE public_key IS NOT NULL")
        receipts = tx.rows('SELECT id, space, "user", device, n, result FROM receipts')
        return ServerDump(
            {ident: _space(tx, ident, head, generation) for ident, head, generation in spaces},
            {
                ident: {"space": space, "user": user, "device": device, "n": n, "result": json.loads(result)}
                for ident, space, user, device, n, result in receipts
            },
            {ident: json.loads(key) for ident, key in keys},
        )


def _space(tx: Database, ident: str, head: int, generation: str) -> SpaceDump:
    where = "WHERE space = ?"
    log = [
        Line(row.seq, row.commit, row.user, row.device, json.loads(row.payload), row.values)
        for row in map(read_log_row, tx.rows(f"{tx.table(LogEntry).select} {where} ORDER BY seq", (ident,)))
    ]
    records = [read_record(row) for row in tx.rows(f"{tx.table(RecordRow).select} {where}", (ident,))]
    parked = tx.rows(f'SELECT id, "user", device, n, reason, state FROM parked {where}', (ident,))
    return SpaceDump(
        head, generation, log, {record.id: record for record in records},
        {
            row[0]: {"user": row[1], "device": row[2], "n": row[3], "reason": json.loads(row[4]),
                     "state": row[5]}
            for row in parked
        },
    )  # fmt: skip
