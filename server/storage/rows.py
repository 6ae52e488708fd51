"""Between the engine's values and the rows of our tables, column by column in the order of the models."""

from __future__ import annotations

import json
from typing import Any

import orjson

from server.storage.database import Row
from sync.chain import record_sum
from sync.records import Fate, Flag, LogRow, Parked, Receipt, Record, Result

_EMPTY_OBJECT, _EMPTY_LIST = "{}", "[]"


def dump(value: Any) -> str:
    """JSON text for a column. Half characters stand in it as escapes: no database keeps them as text."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, separators=(",", ":"))


def load(text: str) -> Any:
    """The value of a column's JSON text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def record_row(record: Record) -> Row:
    """A record as a row of ``records``."""
    return (
        record.id,
        record.space,
        record.seq,
        record.kind,
        int(record.deleted),
        " ".join(record.audience),
        _signed(record_sum(record.id, record.last_change)),
        unit_of(record),
        record.author,
        record.created_by_change,
        record.last_change,
        dump(record.contested) if record.contested else _EMPTY_LIST,
        dump(record.versions) if record.versions else _EMPTY_OBJECT,
        dump(record.removed) if record.removed else _EMPTY_OBJECT,
        dump(record.signed) if record.signed else _EMPTY_OBJECT,
        dump(record.data),
    )


def unit_of(record: Record) -> str | None:
    """The coverage unit that a record is about, for queries."""
    unit = record.data.get("unit")
    return unit if isinstance(unit, str) and record.kind != "sync_conflict" else None


def read_record(row: Row) -> Record:
    """A row of ``records`` as a record."""
    return Record(
        id=row[0],
        space=row[1],
        seq=row[2],
        kind=row[3],
        deleted=bool(row[4]),
        audience=tuple(row[5].split(" ")),
        author=row[8],
        created_by_change=row[9],
        last_change=row[10],
        contested=() if row[11] == _EMPTY_LIST else tuple(orjson.loads(row[11])),
        versions={} if row[12] == _EMPTY_OBJECT else orjson.loads(row[12]),
        removed={} if row[13] == _EMPTY_OBJECT else _tuples(orjson.loads(row[13])),
        signed={} if row[14] == _EMPTY_OBJECT else _signed_fields(orjson.loads(row[14])),
        data=orjson.loads(row[15]),
    )


def log_row(space: str, row: LogRow) -> Row:
    """A log entry as a row of ``log``."""
    return (
        space, row.seq, row.change, row.commit, row.record, row.kind, row.op, row.user, row.device,
        row.made_at, row.offset, row.arrived_at, row.previous,
        dump(row.replaced) if row.replaced else _EMPTY_OBJECT,
        dump(row.values) if row.values else _EMPTY_OBJECT, row.payload, row.salt, row.digest, row.chain,
        int(row.jumped),
    )  # fmt: skip


def read_log_row(row: Row) -> LogRow:
    """A row of ``log`` as a log entry."""
    seq, change, commit, record, kind, op, user, device, made_at, offset, arrived_at, previous = row[1:13]
    return LogRow(
        seq, change, commit, record, kind, op, user, device, made_at, offset, arrived_at, previous,
        orjson.loads(row[13]), orjson.loads(row[14]), bytes(row[15]), bytes(row[16]), row[17], row[18],
        bool(row[19]),
    )  # fmt: skip


def receipt_row(receipt: Receipt) -> Row:
    """A receipt as a row of ``receipts``."""
    return (
        receipt.id, receipt.space, receipt.user, receipt.device, receipt.n, receipt.hash,
        dump(receipt.result.as_json()), receipt.arrived_at,
    )  # fmt: skip


def read_receipt(row: Row) -> Receipt:
    """A row of ``receipts`` as a receipt."""
    kept = orjson.loads(row[6])
    result = Result(**{**kept, "conflicts": tuple(kept["conflicts"])})
    return Receipt(row[0], row[1], row[2], row[3], row[4], row[5], result, row[7])


def parked_row(parked: Parked) -> Row:
    """A parked commit as a row of ``parked``."""
    return (
        parked.id, parked.space, parked.user, parked.device, parked.n, dump(parked.raw), parked.format,
        parked.hash, dump(parked.reason), dump(parked.records), dump(parked.waits_for), parked.arrived_at,
        parked.state,
    )  # fmt: skip


def read_parked(row: Row) -> Parked:
    """A row of ``parked`` as a parked commit."""
    ident, space, user, device, n, sent, form, digest, reason, records, waits_for, arrived_at, state = row
    return Parked(
        ident, space, user, device, n, load(sent), form, digest, orjson.loads(reason),
        tuple(load(records)), tuple(orjson.loads(waits_for)), arrived_at, state,
    )  # fmt: skip


def fate_row(change: str, unit: str, fate: Fate) -> Row:
    """A fate as a row of ``fates``."""
    return (change, unit, fate.kind, fate.to)


def flag_row(space: str, flag: Flag) -> Row:
    """A flag as a row of ``flags``, without its number."""
    return (space, flag.code, flag.user, flag.device, flag.commit, flag.n, flag.detail, flag.arrived_at)


def _tuples(lists: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(ids) for name, ids in lists.items()}


def _signed_fields(units: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, tuple[str, ...]]]:
    return {unit: _tuples(by) for unit, by in units.items()}


def _signed(number: int) -> int:
    """An unsigned 64-bit number as the signed one of the same bits: databases know no other."""
    return number - (1 << 64) if number >> 63 else number
