"""Loads what coverage is judged from, a space at a time, in a handful of queries (Q1-4.4)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from server.rules.calendar import WorkCalendar
from server.rules.coverage import why_not_counted
from server.rules.coverage_facts import CheckFacts, CoverageSettings, DeviceFacts, UnitFacts
from server.rules.unit_facts import UnitRecords, unit_facts
from server.storage.coverage_standard import Headquarters, Standards
from server.storage.database import Database, Row

Data = Mapping[str, Any]
Heads = tuple[int, int]
"""Of a space and of headquarters."""
MASTER = ("project_centre", "team", "person", "subcontract_item", "other_item", "post", "area",
          "inspector_scope", "deputy_appointment", "pause")  # fmt: skip
# How far back checks are read, in days: most units were checked a few days ago, and only for those that were
# not is more read.
SPANS = (8, 60, None)
MOST_KEPT = 200


@dataclass(frozen=True)
class SpaceFacts:
    """A project as coverage sees it. ``records``: master data by kind, then id, in order of their codes."""

    space: str
    head: int
    settings: CoverageSettings
    records: Mapping[str, Mapping[str, Data]]
    units: tuple[UnitFacts, ...]
    headquarters: Headquarters

    @property
    def calendar(self) -> WorkCalendar:
        """The work calendar that it is judged by."""
        return self.headquarters.calendar

    @property
    def centre(self) -> Data:
        """The record of the project centre."""
        return next(iter(self.records["project_centre"].values()))

    def items(self, version: int) -> Mapping[str, Data]:
        """The check items of one version of the standard by code."""
        return self.headquarters.version(version).items

    def unit(self, id: str) -> UnitFacts | None:
        """One unit."""
        return next((unit for unit in self.units if unit.unit == id), None)

    def inspectors(self) -> set[str]:
        """Everybody who has or had to check something here, deputies included."""
        found = {scope.inspector for unit in self.units for scope in unit.scopes}
        return found | {row["deputy"] for row in self.records["deputy_appointment"].values()}


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One user's part of a device at its last contact."""

    device: str
    name: str
    person: str
    last_contact_at: datetime
    unsent: int
    unsent_zero_at: datetime | None

    def facts(self, earlier: Iterable[datetime] = ()) -> DeviceFacts:
        """As the rules want it."""
        return DeviceFacts(self.last_contact_at, self.unsent_zero_at, tuple(earlier))


class CoverageLoader:
    """Reads coverage's facts; what only changes with a space's head is kept until it moves."""

    def __init__(self, database: Database, standards: Standards) -> None:
        self.database, self.standards = database, standards
        self._known: OrderedDict[tuple[str, date], tuple[Heads, SpaceFacts | None]] = OrderedDict()
        self._turns: dict[str, threading.Lock] = {}

    def space(self, space: str, first: date) -> SpaceFacts | None:
        """The facts to judge any day from ``first`` on by; ``None``: no project centre is there.

        One reader assembles them, others wait for it: a poke sends every open board here at once.
        """
        with self._turns.setdefault(space, threading.Lock()), self.database.read() as tx:
            row = tx.row("SELECT head FROM spaces WHERE id = ?", (space,))
            if row is None:
                return None
            headquarters = self.standards.current()
            heads = (row[0], headquarters.head)
            known = self._known.get((space, first))
            if known is None or known[0] != heads:
                known = (heads, self._assemble(tx, space, row[0], headquarters, first))
                self._keep(space, first, known)
            return known[1]

    def checks_of(self, unit: UnitFacts) -> UnitFacts:
        """The unit with all its checks, the oldest first."""
        rows = self.database.rows(f'{_CHECKS} WHERE c.unit = ? ORDER BY c.ended_at, c."check"', (unit.unit,))
        return replace(unit, checks=tuple(_check(row) for row in rows))

    def devices(self, people: Collection[str]) -> dict[str, list[DeviceRow]]:
        """The devices of these people, the one heard of last first."""
        where, values = self.database.dialect.among('c."user"', people)
        found: dict[str, list[DeviceRow]] = {}
        for device, name, person, contact, unsent, zero in self.database.rows(
            'SELECT c.device, d.name, c."user", c.last_contact_at, c.unsent, c.unsent_zero_at '
            f"FROM device_contacts c JOIN devices d ON d.id = c.device WHERE {where} "
            "ORDER BY c.last_contact_at DESC",
            values,
        ):
            zero_at = None if zero is None else datetime.fromisoformat(zero)
            row = DeviceRow(device, name, person, datetime.fromisoformat(contact), unsent, zero_at)
            found.setdefault(person, []).append(row)
        return found

    def zeros(self, people: Collection[str]) -> dict[tuple[str, str], list[datetime]]:
        """When each (person, device) reported that nothing was unsent, as far as it matters to breaches."""
        where, values = self.database.dialect.among('"user"', people)
        rows = self.database.rows(
            f'SELECT "user", device, reported_at FROM device_zeros WHERE {where}', values
        )
        found: dict[tuple[str, str], list[datetime]] = {}
        for person, device, reported_at in rows:
            found.setdefault((person, device), []).append(datetime.fromisoformat(reported_at))
        return found

    def _keep(self, space: str, first: date, known: tuple[Heads, SpaceFacts | None]) -> None:
        self._known[space, first] = known
        self._known.move_to_end((space, first))
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)

    def _assemble(
        self, tx: Database, space: str, head: int, headquarters: Headquarters, first: date
    ) -> SpaceFacts | None:
        records = _master(tx, space)
        centre = next(iter(records["project_centre"].values()), None)
        if centre is None:
            return None
        units = unit_facts(
            UnitRecords(
                posts=records["post"],
                areas=records["area"],
                scopes=list(records["inspector_scope"].values()),
                deputies=list(records["deputy_appointment"].values()),
                pauses=list(records["pause"].values()),
            )
        )
        checked = _with_checks(tx, units, first)
        return SpaceFacts(space, head, _settings(centre), records, tuple(checked), headquarters)


def _master(tx: Database, space: str) -> dict[str, dict[str, Data]]:
    where, values = tx.dialect.among("kind", MASTER)
    found: dict[str, dict[str, Data]] = {kind: {} for kind in MASTER}
    rows = tx.rows(
        f"SELECT kind, id, data FROM records WHERE space = ? AND {where} AND deleted = 0", (space, *values)
    )
    parsed = [(kind, id, orjson.loads(text)) for kind, id, text in rows]
    for kind, id, data in sorted(parsed, key=lambda row: (row[2].get("code") or "", row[1])):
        found[kind][id] = data
    return found


def _settings(centre: Data) -> CoverageSettings:
    anchor = centre.get("cycle_anchor")
    return CoverageSettings(
        coverage_start=date.fromisoformat(centre["coverage_start"]),
        mode=centre["coverage_mode"],
        cycle_anchor=None if anchor is None else date.fromisoformat(anchor),
        grace_hours=centre["grace_hours"],
    )


def _with_checks(tx: Database, units: list[UnitFacts], first: date) -> list[UnitFacts]:
    """Units with their checks from the last one that counts before ``first`` on, the oldest first; perhaps
    with some more."""
    found: dict[str, list[CheckFacts]] = {unit.unit: [] for unit in units}
    unsure, until = units, date.max
    for span in SPANS:
        since = date.min if span is None else first - timedelta(days=span)
        for id, checks in _between(tx, unsure, since, until).items():
            found[id][:0] = checks
        unsure = [unit for unit in unsure if not _has_counting(unit, found[unit.unit], first)]
        if not unsure:
            break
        until = since
    return [replace(unit, checks=found[unit.unit]) for unit in units]


def _between(
    tx: Database, units: Iterable[UnitFacts], since: date, until: date
) -> dict[str, list[CheckFacts]]:
    """Checks by unit with ``since`` <= business date < ``until``, the oldest first."""
    where, values = tx.dialect.among("c.unit", [unit.unit for unit in units])
    found: dict[str, list[CheckFacts]] = {}
    for row in tx.rows(
        f"{_CHECKS} WHERE {where} AND c.business_date >= ? AND c.business_date < ? "
        'ORDER BY c.ended_at, c."check"',
        (*values, since.isoformat(), until.isoformat()),
    ):
        found.setdefault(row[1], []).append(_check(row))
    return found


def _has_counting(unit: UnitFacts, checks: Iterable[CheckFacts], first: date) -> bool:
    return any(check.business_date < first and why_not_counted(unit, check) is None for check in checks)


_CHECKS = (
    'SELECT c."check", c.unit, c.inspector, c.ended_at, c.business_date, c.arrived_at, '
    "CASE WHEN v.inspection IS NULL THEN c.complete ELSE 0 END, c.level "
    "FROM coverage_checks c LEFT JOIN void_inspections v ON v.inspection = c.inspection"
)


def _check(row: Row) -> CheckFacts:
    id, _, by, ended_at, business_date, arrived_at, complete, level = row
    return CheckFacts(
        id=id,
        by=by,
        ended_at=datetime.fromisoformat(ended_at),
        business_date=date.fromisoformat(business_date),
        arrived_at=datetime.fromisoformat(arrived_at),
        complete=bool(complete),
        level=level,
    )
