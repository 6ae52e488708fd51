"""Keeps what coverage is judged from in step with the records, in the push itself (Q1-4.4g, h)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from server.rules.business_date import BUSINESS_ZONE, business_date, corrected
from server.rules.completeness import problems, unit_items
from server.storage.coverage_models import CheckPart, CoverageCheck, VoidInspection
from server.storage.coverage_standard import Data, Headquarters, Standards
from server.storage.database import Database, Row
from sync.ports import Writes
from sync.records import LogRow, Record

PARTS = ("finding", "photo")
VOID = ("voided", "rejected")
MOST_REMEMBERED = 4096


@dataclass(frozen=True)
class Unit:
    """A coverage unit as it stands when a check of it arrives; ``changes``: the versions of both records."""

    post: Data
    data: Data
    is_area: bool
    changes: tuple[str, str]


class CoverageProjection:
    """Follows ``area_check``, ``finding``, ``photo`` and ``inspection``. Costs a few microseconds a check."""

    def __init__(self, standards: Standards) -> None:
        self.standards = standards
        self._items: dict[tuple[object, ...], Sequence[Data]] = {}
        self._read: dict[str, tuple[str, Data]] = {}
        """The data of posts and areas by id, with the change that they are the outcome of."""

    def apply(self, tx: Database, space: str, writes: Writes) -> None:
        """See `projections.Projection`."""
        checks: list[Record] = []
        parts: list[Row] = []
        for before, after in writes.records:
            if after.kind == "area_check":
                checks.append(after)
            elif after.kind in PARTS and before is None:
                parts.append((after.id, after.data["check"], after.kind))
            elif after.kind == "inspection":
                _follow_inspection(tx, space, after)
        if parts:
            tx.run_many(tx.table(CheckPart).upsert, parts)
        if checks:
            self._follow_checks(tx, checks, writes.log)

    def _follow_checks(self, tx: Database, checks: Sequence[Record], log: Iterable[LogRow]) -> None:
        made = {row.change: (row.offset, row.arrived_at, row.device) for row in log}
        earlier = [check.created_by_change for check in checks if check.created_by_change not in made]
        if earlier:
            where, values = tx.dialect.among('"change"', earlier)
            rows = tx.rows(f'SELECT "change", "offset", arrived_at, device FROM log WHERE {where}', values)
            made |= {change: (offset, arrived_at, device) for change, offset, arrived_at, device in rows}
        units = self._units(tx, {check.data["unit"] for check in checks})
        headquarters = self.standards.current()
        table = tx.table(CoverageCheck)
        tx.run_many(
            table.upsert,
            [
                self._row(check, units.get(check.data["unit"]), headquarters, *made[check.created_by_change])
                for check in checks
            ],
        )

    def _row(
        self,
        check: Record,
        unit: Unit | None,
        headquarters: Headquarters,
        offset: float | None,
        arrived_at: str,
        device: str,
    ) -> Row:
        data = check.data
        offset_ms = data.get("clock_offset_ms") or 0 if offset is None else round(offset * 1000)
        ended_at = _here(corrected(datetime.fromisoformat(data["ended_at"]), offset_ms))
        shift = "day" if unit is None else unit.post["shift"]
        complete = not check.deleted and unit is not None and self._is_complete(data, unit, headquarters)
        return (
            check.id, check.space, data["unit"], data["inspection"], data["inspector"], data["level"],
            business_date(ended_at, shift).isoformat(), ended_at.isoformat(timespec="milliseconds"),
            offset_ms, arrived_at,
            int(complete), data["result"], device,
        )  # fmt: skip

    def _is_complete(self, data: Data, unit: Unit, headquarters: Headquarters) -> bool:
        if data["post"] != (unit.data["post"] if unit.is_area else data["unit"]):
            return False  # it does not know itself where it was made
        items = self._items_of(data["unit"], unit, headquarters, data["standard_version"])
        return not problems(items, data["results"], data["started_at"], data["ended_at"])

    def _items_of(self, id: str, unit: Unit, headquarters: Headquarters, number: int) -> Sequence[Data]:
        key = (id, unit.changes, headquarters.head, number)
        known = self._items.get(key)
        if known is None:
            if len(self._items) >= MOST_REMEMBERED:
                self._items.clear()
            version = headquarters.version(number)
            facts = {
                "area": id if unit.is_area else None,
                "post_type": unit.post["post_type"],
                "certificates": unit.post["certificates"],
                "items_off": unit.data.get("items_off"),
            }
            known = self._items[key] = unit_items(list(version.items.values()), version.post_types, facts)
        return known

    def _units(self, tx: Database, ids: Iterable[str]) -> dict[str, Unit]:
        found = self._records(tx, ids)
        beside = {data["post"] for kind, _, data in found.values() if kind == "area"} - set(found)
        posts = self._records(tx, beside) if beside else {}
        posts |= {id: row for id, row in found.items() if row[0] == "post"}
        units: dict[str, Unit] = {}
        for id, (kind, change, data) in found.items():
            post = posts.get(data["post"] if kind == "area" else id)
            if post is not None:
                units[id] = Unit(post[2], data, kind == "area", (change, post[1]))
        return units

    def _records(self, tx: Database, ids: Iterable[str]) -> dict[str, tuple[str, str, Data]]:
        where, values = tx.dialect.among("id", ids)
        rows = tx.rows(
            "SELECT id, kind, last_change, data FROM records "
            f"WHERE {where} AND kind IN ('post', 'area')", values,
        )  # fmt: skip
        return {id: (kind, change, self._data(id, change, text)) for id, kind, change, text in rows}

    def _data(self, id: str, change: str, text: str) -> Data:
        """What a row says, taken apart once per change: a round meets the same posts again and again.

        A rolled back change is made under no other content, so what was remembered of it is not wrong.
        """
        known = self._read.get(id)
        if known is None or known[0] != change:
            if len(self._read) >= MOST_REMEMBERED:
                self._read.clear()
            known = self._read[id] = (change, orjson.loads(text))
        return known[1]


def _follow_inspection(tx: Database, space: str, inspection: Record) -> None:
    if inspection.data["state"] in VOID:
        tx.run(tx.table(VoidInspection).upsert, (inspection.id, space))
    else:
        tx.run("DELETE FROM void_inspections WHERE inspection = ?", (inspection.id,))


def _here(moment: datetime) -> datetime:
    """In one zone for all, so that texts compare like times; a clock at the edge of time stays there."""
    try:
        return moment.astimezone(BUSINESS_ZONE)
    except OverflowError:
        return moment.replace(tzinfo=BUSINESS_ZONE)
