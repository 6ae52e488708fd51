"""Checks with all that belongs to them, for whoever looks behind a cell of the coverage board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from server.rules.coverage_facts import CheckFacts
from server.storage.database import Database, Row


@dataclass(frozen=True, slots=True)
class PartRecord:
    """A finding or photo of a check; ``author`` created it, ``audience`` may read it."""

    id: str
    kind: str
    author: str
    audience: tuple[str, ...]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """A check as it was recorded, as it counts, and with its findings and photos, the oldest first."""

    id: str
    audience: tuple[str, ...]
    data: Mapping[str, Any]
    facts: CheckFacts
    arrived_at: datetime
    offset_ms: int
    device: str
    device_name: str | None
    parts: Sequence[PartRecord]


class CheckReader:
    """Reads checks of one space."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(self, space: str, unit: str, before: str | None, limit: int) -> list[CheckRecord]:
        """The checks of a unit, the newest first; ``before``: only those older than this check."""
        older = (
            ' AND (c.ended_at, c."check") < (SELECT ended_at, "check" FROM coverage_checks WHERE "check" = ?)'
        )
        where = "c.space = ? AND c.unit = ?" + ("" if before is None else older)
        values = (space, unit) if before is None else (space, unit, before)
        return self._read(f'{_CHECKS} WHERE {where} ORDER BY c.ended_at DESC, c."check" DESC LIMIT ?',
                          (*values, limit))  # fmt: skip

    def one(self, space: str, check: str) -> CheckRecord | None:
        """One check."""
        found = self._read(f'{_CHECKS} WHERE c.space = ? AND c."check" = ?', (space, check))
        return found[0] if found else None

    def _read(self, sql: str, values: Sequence[Any]) -> list[CheckRecord]:
        with self.database.read() as tx:
            rows = tx.rows(sql, values)
            parts = _parts(tx, [row[0] for row in rows])
        return [_check(row, parts.get(row[0], ())) for row in rows]


_CHECKS = (
    'SELECT c."check", r.audience, r.data, c.inspector, c.ended_at, c.business_date, c.arrived_at, '
    "CASE WHEN v.inspection IS NULL THEN c.complete ELSE 0 END, c.level, c.offset_ms, c.device, d.name "
    'FROM coverage_checks c JOIN records r ON r.id = c."check" '
    "LEFT JOIN void_inspections v ON v.inspection = c.inspection LEFT JOIN devices d ON d.id = c.device"
)


def _check(row: Row, parts: Sequence[PartRecord]) -> CheckRecord:
    id, audience, data, by, ended_at, day, arrived_at, complete, level, offset_ms, device, name = row
    arrived = datetime.fromisoformat(arrived_at)
    facts = CheckFacts(
        id, by, datetime.fromisoformat(ended_at), date.fromisoformat(day), arrived, bool(complete), level
    )
    recorded = orjson.loads(data)
    return CheckRecord(
        id, tuple(audience.split(" ")), recorded, facts, arrived, offset_ms, device, name, parts
    )


def _parts(tx: Database, checks: Sequence[str]) -> dict[str, list[PartRecord]]:
    where, values = tx.dialect.among('p."check"', checks)
    found: dict[str, list[PartRecord]] = {}
    for check, id, kind, author, audience, data in tx.rows(
        'SELECT p."check", r.id, r.kind, r.author, r.audience, r.data '
        f"FROM check_parts p JOIN records r ON r.id = p.record WHERE {where} AND r.deleted = 0 ORDER BY r.id",
        values,
    ):
        part = PartRecord(id, kind, author, tuple(audience.split(" ")), orjson.loads(data))
        found.setdefault(check, []).append(part)
    return found
