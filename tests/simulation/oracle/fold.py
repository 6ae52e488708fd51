"""The log of a space, read again from its first row: what every record held at every moment.

Nothing of the engine helps here: a row says what a change set and which units it became current in, the rest
is counted anew. The records that the server keeps must be what comes out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.kinds import Kind, Unit
from sync.records import LogRow
from tests.simulation.cast import CONFLICT, LEARNED

WHOLE = "*"


@dataclass(slots=True)
class Told:
    """A record as the log tells it, at some moment."""

    kind: Kind
    created: str
    data: dict[str, Any]
    versions: dict[str, str] = field(default_factory=dict)
    deleted: bool = False
    last: str = ""
    seq: int = 0
    signed: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Per unit the (signature, version) pairs of signatures that came while that version stood."""

    def version(self, unit: str) -> str:
        """Who wrote the current value."""
        return self.versions.get(unit, self.created)

    def value(self, unit: str) -> Any:
        """The current value; a list that nothing was ever in is empty."""
        found = self.kind.units[unit].read(self.data)
        return [] if found is None and self.kind.units[unit].elements else found


@dataclass(slots=True)
class Turn:
    """One unit of one record went from one version to another."""

    row: LogRow
    unit: str
    old: str
    before: Any
    after: Any
    covered: bool
    """Whether a signature covered the old version."""


@dataclass(slots=True)
class Step:
    """One row, with the record as it was before and is after it."""

    row: LogRow
    payload: Mapping[str, Any]
    versions: Mapping[str, str]
    """Before the row: the version of each unit that it touches or names, and of those it judges."""
    values: Mapping[str, Any]
    deleted: bool
    signed: bool
    """Whether any unit was covered by a signature before."""


@dataclass(slots=True)
class Quarrel:
    """A conflict as one of its rows leaves it."""

    row: LogRow
    data: dict[str, Any]
    before: list[str]
    """Its rivals before this row."""


class Fold:
    """One space. `wrong`: where the log does not fit itself."""

    def __init__(self, log: list[LogRow], decided: Mapping[str, Any]) -> None:
        self.log, self._decided = log, decided
        self.records: dict[str, Told] = {}
        self.turns: list[Turn] = []
        self.steps: list[Step] = []
        self.quarrels: list[Quarrel] = []
        self.rows: dict[str, LogRow] = {}
        self.values: dict[tuple[str, str], Any] = {}
        """What a change wanted of a unit, whether it got it or not."""
        self.removed: dict[tuple[str, str, str], int] = {}
        """(record, list, element) → the seq at which a removal landed."""
        self.wrong: list[str] = []
        for row in log:
            self._read(row)

    def _read(self, row: LogRow) -> None:
        payload = json.loads(row.payload)
        self.rows[row.change] = row
        kind = LEARNED[row.kind]
        if row.op == "create":
            data = dict(payload.get("set") or {})
            for name, elements in (payload.get("add") or {}).items():
                data[name] = [*(data.get(name) or ()), *elements]
            told = self.records[row.record] = Told(kind, row.change, {**data, **row.values})
            for unit in kind.units:
                self.values[row.change, unit] = told.value(unit)
            if kind.signs:
                self._cover(row, data)
        else:
            told = self.records[row.record]
            rivals = [rival["change"] for rival in told.data.get("rivals") or ()]
            self._step(row, payload, told)
        if row.kind == CONFLICT:
            told.data.update(payload["set"])
            self.quarrels.append(Quarrel(row, dict(told.data), [] if row.op == "create" else rivals))
        told.last, told.seq = row.change, row.seq

    def _step(self, row: LogRow, payload: Mapping[str, Any], told: Told) -> None:
        units = told.kind.units
        wanted = self._wanted(row, payload, told)
        self.steps.append(
            Step(
                row,
                payload,
                {unit: told.version(unit) for unit in units},
                {unit: told.value(unit) for unit in units} if row.kind != CONFLICT else {},
                told.deleted,
                any(self._covered(told, unit) for unit in units),
            )
        )
        if row.op == "patch" and told.deleted and self._revives(row, payload):
            told.deleted, told.versions[WHOLE] = False, row.change
        for unit, old in row.replaced.items():
            stood = told.version(unit)
            if stood != old:
                self.wrong.append(f"{row.change} says it replaced {old} in {unit}, but {stood} stood")
            if unit == WHOLE:
                told.deleted = True
            else:
                self._turn(row, unit, told, wanted[unit])
            told.versions[unit] = row.change

    def _turn(self, row: LogRow, unit: str, told: Told, after: Any) -> None:
        before, covered = told.value(unit), self._covered(told, unit)
        self.turns.append(Turn(row, unit, told.version(unit), before, after, covered))
        if covered and before == after:
            # The same content in a new version is still what was signed.
            now = [(by, row.change) for by, version in told.signed[unit] if version == told.version(unit)]
            told.signed[unit] += now
        if told.kind.units[unit].elements:
            left = {element["id"] for element in before or ()} - {element["id"] for element in after or ()}
            self.removed.update({(row.record, unit, ident): row.seq for ident in left})
        for name, item in told.kind.units[unit].as_fields(after).items():
            if item is not None or name in told.data:
                told.data[name] = item

    def _wanted(self, row: LogRow, payload: Mapping[str, Any], told: Told) -> dict[str, Any]:
        """The full value of each unit that a patch touches."""
        found: dict[str, Any] = {}
        given, decides = payload.get("set") or {}, "decides" in payload
        for name in given:
            unit = told.kind.units[told.kind.unit_of[name]]
            whole = decides or all(field in given for field in unit.fields)
            found[unit.name] = unit.overlay(None, given) if whole else row.values.get(unit.name)
        for name in {*(payload.get("add") or {}), *(payload.get("remove") or {})}:
            found[name] = self._gathered(row, payload, told, told.kind.units[name])
        for name, value in found.items():
            self.values[row.change, name] = value
        return found

    def _gathered(self, row: LogRow, payload: Mapping[str, Any], told: Told, unit: Unit) -> list[Any]:
        """A list with what is added and without what is removed; what was removed before never comes back."""
        now = list(told.data.get(unit.name) or ())
        there = {element["id"] for element in now}
        gone = set((payload.get("remove") or {}).get(unit.name, ()))
        for ident in gone:
            self.removed.setdefault((row.record, unit.name, ident), row.seq)
        for element in (payload.get("add") or {}).get(unit.name, ()):
            buried = (row.record, unit.name, element["id"]) in self.removed
            if element["id"] not in there and not buried:
                now.append(element)
        return [element for element in now if element["id"] not in gone]

    def _revives(self, row: LogRow, payload: Mapping[str, Any]) -> bool:
        if "decides" not in payload:
            return False
        value = self._decided[row.commit].value
        return not value["deleted"] if WHOLE in payload["base"] else value is not None

    def _cover(self, row: LogRow, data: Mapping[str, Any]) -> None:
        for line in data.get("lines") or ():
            told = self.records.get(line["record"])
            if told is not None and told.version(line["unit"]) == line["version"]:
                told.signed.setdefault(line["unit"], []).append((row.record, line["version"]))

    def _covered(self, told: Told, unit: str) -> bool:
        return any(version == told.version(unit) for _, version in told.signed.get(unit, ()))
