"""All that is stored, page by page, for `make verify`. Reads only, and reads also what was tampered with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import orjson

from server.storage.acts import Acts
from server.storage.database import Database, Row
from server.storage.models import LogEntry, ReceiptRow, RecordRow
from server.storage.rows import read_log_row, read_record
from server.storage.seals import Seal, seals_of, stray_seals
from server.storage.spaces import SpaceRow, Spaces
from sync.records import LogRow, Record

PAGE = 500


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A row of ``records``; without ``record`` where its JSON cannot be read."""

    id: str
    space: str
    kind: str
    record: Record | None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a receipt says was taken in."""

    space: str
    user: str
    commit: str
    seqs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class HeldPhoto:
    """A blob with the live records that name it: (record, space, author)."""

    sha256: str
    mime: str
    bytes: int
    uses: Sequence[tuple[str, str, str]]


class VerifyReader:
    """The port of `server.verify` over the database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def snapshot(self) -> AbstractContextManager[object]:
        """One consistent view while it is open; it waits for no writer, and none for it."""
        return self.database.read()

    def spaces(self) -> Sequence[SpaceRow]:
        """Every space."""
        return Spaces(self.database).all()

    def log(self, space: str) -> Iterator[LogRow]:
        """The log of a space in seq order."""
        sql = f"{self.database.table(LogEntry).select} WHERE space = ? AND seq > ? ORDER BY seq LIMIT ?"
        # Not from 0: a row may have been given a seq that none can have.
        last = -(2**62)
        while page := self.database.rows(sql, (space, last, PAGE)):
            yield from map(_log_row, page)
            last = page[-1][1]

    def act_broken_at(self) -> int | None:
        """See `Stored`."""
        return Acts(self.database).broken_in_view()

    def receipts(self) -> Iterator[Sequence[Acknowledged]]:
        """Answers to commits that took a seq."""
        for page in self._pages(self.database.table(ReceiptRow).select, "id", ""):
            read = [Acknowledged(row[1], row[2], row[0], _seqs(row[6])) for row in page]
            yield [one for one in read if one.seqs]

    def unreceipted(self) -> Sequence[tuple[str, str, int, str, str]]:
        """See `Stored`."""
        return [(row[0], row[1], row[2], row[3], row[4]) for row in self.database.rows(_UNRECEIPTED)]

    def seqs(self, changes: Collection[str]) -> Mapping[str, tuple[str, int]]:
        """Where these changes stand in the log."""
        condition, values = self.database.dialect.among("change", changes)
        rows = self.database.rows(f"SELECT change, space, seq FROM log WHERE {condition}", values)
        return {change: (space, seq) for change, space, seq in rows}

    def pages(self, kind: str | None = None) -> Iterator[Sequence[StoredRecord]]:
        """Every record, or every one of a kind, by id."""
        select = self.database.table(RecordRow).select
        parts = ("", ()) if kind is None else ("kind = ? AND ", (kind,))
        for page in self._pages(select, "id", *parts):
            yield [_record(row) for row in page]

    def records(self, ids: Collection[str]) -> Mapping[str, StoredRecord]:
        """These records."""
        condition, values = self.database.dialect.among("id", list(ids))
        rows = self.database.rows(f"{self.database.table(RecordRow).select} WHERE {condition}", values)
        return {row[0]: _record(row) for row in rows}

    def histories(self, ids: Collection[str]) -> Mapping[str, Sequence[tuple[str, LogRow]]]:
        """The log rows of these records with their space, in seq order."""
        condition, values = self.database.dialect.among("record", list(ids))
        select = self.database.table(LogEntry).select
        found: dict[str, list[tuple[str, LogRow]]] = {}
        for row in self.database.rows(f"{select} WHERE {condition} ORDER BY record, seq", values):
            found.setdefault(row[4], []).append((row[0], _log_row(row)))
        return found

    def unrecorded(self) -> Sequence[str]:
        """Ids of records that the log knows and that have no row."""
        return [row[0] for row in self.database.rows(_UNRECORDED)]

    def keys(self) -> Mapping[str, str | None]:
        """The public key of every device."""
        return dict(self.database.rows("SELECT id, public_key FROM devices"))

    def seals(self, signatures: Collection[str]) -> Sequence[Seal]:
        """The seals of these signatures."""
        return seals_of(self.database, signatures)

    def stray_seals(self) -> Sequence[Seal]:
        """Seals of signatures that are not there."""
        return stray_seals(self.database)

    def photos(self) -> Iterator[Sequence[HeldPhoto]]:
        """Every blob that is held."""
        for page in self._pages("SELECT sha256, mime, bytes FROM blobs", "sha256", ""):
            condition, values = self.database.dialect.among("sha256", [row[0] for row in page])
            sql = f"SELECT sha256, record, space, author FROM photo_uses WHERE {condition} ORDER BY record"
            uses: dict[str, list[tuple[str, str, str]]] = {}
            for sha256, *use in self.database.rows(sql, values):
                uses.setdefault(sha256, []).append((use[0], use[1], use[2]))
            yield [HeldPhoto(row[0], row[1], row[2], uses.get(row[0], ())) for row in page]

    def _pages(
        self, select: str, key: str, where: str, values: Sequence[object] = ()
    ) -> Iterator[Sequence[Row]]:
        """Pages of rows in order of a text column, the first of the selected ones."""
        last = ""
        sql = f"{select} WHERE {where}{key} > ? ORDER BY {key} LIMIT ?"
        while page := self.database.rows(sql, (*values, last, PAGE)):
            yield page
            last = page[-1][0]


_UNRECORDED = (
    "SELECT DISTINCT l.record FROM log l WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.id = l.record) "
    "ORDER BY l.record"
)

# The first row of each such commit; it must have been answered in its own space.
_UNRECEIPTED = (
    'SELECT l.space, l."commit", l.seq, l.change, l."user" FROM log l WHERE NOT EXISTS '
    '(SELECT 1 FROM receipts r WHERE r.id = l."commit" AND r.space = l.space) AND NOT EXISTS '
    '(SELECT 1 FROM log b WHERE b.space = l.space AND b.seq = l.seq - 1 AND b."commit" = l."commit") '
    "ORDER BY l.space, l.seq"
)


def _record(row: Row) -> StoredRecord:
    try:
        record = read_record(row)
        shaped = all(isinstance(part, dict) for part in (record.data, record.versions, record.signed))
    except (ValueError, TypeError, AttributeError):
        return StoredRecord(row[0], row[1], row[3], None)
    return StoredRecord(row[0], row[1], row[3], record if shaped else None)


def _log_row(row: Row) -> LogRow:
    """A log row; what the engine noted beside it is made wrong, not left out, where it cannot be read."""
    payload, salt = (part.encode() if isinstance(part, str) else part for part in row[15:17])
    row = (*row[:15], payload, salt, *row[17:])
    try:
        read = read_log_row(row)
        if isinstance(read.replaced, dict) and isinstance(read.values, dict):
            return read
    except (ValueError, TypeError):
        pass
    return read_log_row((*row[:13], '{"?": "?"}', '{"?": "?"}', *row[15:]))


def _seqs(result: str) -> dict[str, int]:
    try:
        return dict(orjson.loads(result)["seqs"])
    except (ValueError, KeyError, TypeError):
        return {}
