"""One write transaction of one space: the engine's port, with one read and one write per table."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence

from peewee import Model

from server.failures import Failure
from server.storage.database import Database, Row
from server.storage.devices import note_contact
from server.storage.models import (
    Audience,
    FateRow,
    LogEntry,
    OpenConflict,
    ParkedRow,
    ParkedWait,
    ReceiptRow,
    RecordRow,
)
from server.storage.projections import Projection, people_concerned
from server.storage.rows import (
    fate_row,
    flag_row,
    log_row,
    parked_row,
    read_log_row,
    read_parked,
    read_receipt,
    read_record,
    receipt_row,
    record_row,
)
from server.storage.snapshot import epoch
from sync.ports import Reader, Writes
from sync.records import Counters, Fate, Head, LoggedChange, LogRow, Parked, Receipt, Record

log = logging.getLogger("rounds")

LONGEST_UNIT = 200


class SqlTransaction:
    """A `SpaceTransaction` over a database whose write transaction is open."""

    def __init__(self, tx: Database, space: str, projections: Sequence[Projection]) -> None:
        self.space = space
        self._tx = tx
        self._projections = projections
        self._among = tx.dialect.among
        self._before: Head | None = None
        self.backed_up_seq: int | None = None
        """Filled in by `head`."""
        self.kinds_written: frozenset[str] = frozenset()
        self.people_concerned: frozenset[str] = frozenset()

    def head(self) -> Head:
        lock = self._tx.dialect.lock_row()
        row = self._tx.row(
            f"SELECT head, at, generation, backed_up_seq FROM spaces WHERE id = ?{lock}", (self.space,)
        )
        if row is None:
            raise Failure("not_found")
        self._before, self.backed_up_seq = Head(*row[:3]), row[3]
        return self._before

    def epoch(self, reader: Reader) -> str:
        """The epoch that a reader sees; `head` was asked before."""
        assert self._before is not None
        return epoch(self._before.epoch, reader)

    def receipts(self, ids: Collection[str]) -> Mapping[str, Receipt]:
        condition, values = self._among("id", ids)
        rows = self._tx.rows(f"{self._tx.table(ReceiptRow).select} WHERE {condition}", values)
        return {row[0]: read_receipt(row) for row in rows}

    def counters(self, user: str, device: str, ns: Collection[int]) -> Counters:
        where = 'FROM receipts WHERE "user" = ? AND device = ?'
        last = self._tx.row(f"SELECT MAX(n) {where}", (user, device))
        condition, values = self._among("n", ns)
        # The latest first, so that the first one to use a number stays in the mapping.
        sql = f"SELECT n, id {where} AND {condition} ORDER BY arrived_at DESC, id DESC"
        used: dict[int, str] = dict(self._tx.rows(sql, (user, device, *values)))
        return Counters(int(last[0] or 0) if last else 0, used)

    def records(self, ids: Collection[str]) -> Mapping[str, Record]:
        condition, values = self._among("id", ids)
        rows = self._tx.rows(f"{self._tx.table(RecordRow).select} WHERE {condition}", values)
        return {row[0]: read_record(row) for row in rows}

    def changes(self, ids: Collection[str]) -> Mapping[str, LoggedChange]:
        fates: dict[str, dict[str, Fate]] = {}
        condition, values = self._among("change", ids)
        for change, unit, kind, to in self._tx.rows(
            f"{self._tx.table(FateRow).select} WHERE {condition}", values
        ):
            fates.setdefault(change, {})[unit] = Fate(kind, to)
        rows = self._tx.rows(f"{self._tx.table(LogEntry).select} WHERE {condition}", values)
        logged: dict[str, LogRow] = {row[2]: read_log_row(row) for row in rows}
        known = dict.fromkeys((*logged, *fates))
        return {change: LoggedChange(change, logged.get(change), fates.get(change, {})) for change in known}

    def open_conflicts(self, records: Collection[str]) -> Sequence[Record]:
        condition, values = self._among("o.record", records)
        columns = ", ".join(f'r."{name}"' for name in self._tx.table(RecordRow).columns)
        rows = self._tx.rows(
            f"SELECT {columns} FROM open_conflicts o JOIN records r ON r.id = o.conflict "
            f"WHERE {condition} ORDER BY r.seq",
            values,
        )
        return [read_record(row) for row in rows]

    def parked(self, ids: Collection[str]) -> Mapping[str, Parked]:
        condition, values = self._among("id", ids)
        found = self._parked(f"WHERE space = ? AND {condition}", (self.space, *values))
        return {parked.id: parked for parked in found}

    def parked_by(self, user: str, device: str) -> Sequence[Parked]:
        # Without what was sent: every push asks, and a thousand parked commits may be a thousand megabytes.
        columns = ", ".join(
            "'null'" if name == "sent" else f'"{name}"' for name in self._tx.table(ParkedRow).columns
        )
        rows = self._tx.rows(
            f"SELECT {columns} FROM parked "
            "WHERE space = ? AND state = 'parked' AND \"user\" = ? AND device = ? ORDER BY n, id",
            (self.space, user, device),
        )
        return [read_parked(row) for row in rows]

    def parked_waiting_for(self, ids: Collection[str]) -> Sequence[Parked]:
        condition, values = self._among("waits_for", ids)
        return self._parked(
            "WHERE space = ? AND state = 'parked' AND id IN "
            f"(SELECT parked FROM parked_waits WHERE {condition}) ORDER BY n, id",
            (self.space, *values),
        )

    def write(self, writes: Writes) -> None:
        tx = self._tx
        self.kinds_written = frozenset(after.kind for _, after in writes.records)
        self.people_concerned = people_concerned(writes)
        if writes.log:
            self._write_log(writes.log)
        if writes.records:
            self._write_records([after for _, after in writes.records])
        if writes.receipts:
            self._write_own(ReceiptRow, [receipt_row(receipt) for receipt in writes.receipts])
        if writes.parked:
            self._write_parked(writes.parked)
        fates = [fate_row(*fate) for fate in writes.fates if _can_name_a_unit(fate[1])]
        if fates:
            tx.run_many(tx.table(FateRow).upsert, fates)
        if writes.flags:
            tx.run_many(_INSERT_FLAG, [flag_row(self.space, flag) for flag in writes.flags])
        if writes.head != self._before:
            head = writes.head
            tx.run("UPDATE spaces SET head = ?, at = ? WHERE id = ?", (head.seq, head.at, self.space))
        for projection in self._projections:
            projection.apply(tx, self.space, writes)

    def note_contact(self, device: str, user: str, now: str, unsent: int, clock_offset: float | None) -> bool:
        """Note what a device said of itself, in the same transaction; whether others would see it."""
        return note_contact(self._tx, device, user, now, unsent, clock_offset)

    def _parked(self, where: str, values: Iterable[object]) -> list[Parked]:
        rows = self._tx.rows(f"{self._tx.table(ParkedRow).select} {where}", tuple(values))
        return [read_parked(row) for row in rows]

    def _write_log(self, log: Sequence[LogRow]) -> None:
        tx = self._tx
        try:
            tx.run_many(tx.table(LogEntry).insert, [log_row(self.space, row) for row in log])
        except Exception as error:
            if tx.dialect.is_duplicate(error):
                raise _overtaken("log") from error
            raise

    def _write_own(self, model: type[Model], rows: Sequence[Row]) -> None:
        """Store rows whose ids are known over all spaces: another one may just have used the same."""
        table = self._tx.table(model)
        if self._tx.run_many(table.upsert_in_space, rows) < len(rows):
            raise _overtaken(table.name)

    def _write_records(self, records: Sequence[Record]) -> None:
        tx = self._tx
        self._write_own(RecordRow, [record_row(record) for record in records])
        used = {(self.space, " ".join(record.audience)) for record in records}
        tx.run_many(tx.table(Audience).upsert, sorted(used))
        conflicts = [record for record in records if record.kind == "sync_conflict"]
        if conflicts:
            closed = [c.id for c in conflicts if c.deleted or c.data.get("state") != "open"]
            opened = [(c.id, c.data["record"]) for c in conflicts if c.id not in closed]
            tx.run_many("DELETE FROM open_conflicts WHERE conflict = ?", [(ident,) for ident in closed])
            tx.run_many(tx.table(OpenConflict).upsert, opened)

    def _write_parked(self, parked: Sequence[Parked]) -> None:
        tx = self._tx
        self._write_own(ParkedRow, [parked_row(one) for one in parked])
        tx.run_many("DELETE FROM parked_waits WHERE parked = ?", [(one.id,) for one in parked])
        waits = {
            (waits_for, one.id) for one in parked if one.state == "parked" for waits_for in one.waits_for
        }
        tx.run_many(tx.table(ParkedWait).insert, sorted(waits))


def _overtaken(table: str) -> Failure:
    """Since this transaction looked, one of another space took an id. Sent again, the push finds it taken.

    Only where spaces do not wait for each other; nothing of this push is kept.
    """
    log.warning("an id was taken by another space meanwhile: %s", table)
    return Failure("busy")


def _can_name_a_unit(unit: str) -> bool:
    """A discarded commit may have named anything; a key of PostgreSQL's is no place for it."""
    return len(unit) <= LONGEST_UNIT and "\0" not in unit


_INSERT_FLAG = (
    'INSERT INTO flags (space, code, "user", device, "commit", n, detail, arrived_at) '
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
