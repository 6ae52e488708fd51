"""One record made anew from its log rows: what it must look like, and what its rows say wrongly.

Only payloads are under the chain. What the engine noted beside them (which change came before, what became
current) must fit to what the payloads say, or a row could be made to count without touching a hash.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sync.kinds import WHOLE, Kind, Unit
from sync.policies import ElementIdReused, gather, same
from sync.records import LogRow

Version = tuple[str, str]
"""A unit and the change that wrote a value of it."""


class Replay:
    """The state after the rows taken so far. ``faults``: (code, row, unit or empty)."""

    def __init__(self, kind: Kind, rivals: Collection[str] | None = ()) -> None:
        """``rivals``: changes that conflicts hold; ``None`` where that is no longer known."""
        self.kind, self._rivals = kind, rivals
        self.rows: list[LogRow] = []
        self.data: dict[str, Any] = {}
        self.versions: dict[str, str] = {}
        self.removed: dict[str, tuple[str, ...]] = {}
        self.audience: tuple[str, ...] | None = None
        self.deleted = False
        self.unsure = False
        """Whether the last decision leaves open, in the log, if the record came back."""
        self.erased: set[str] = set()
        """Units whose current value cannot be told, because its payload is gone."""
        self.written: dict[Version, Any] = {}
        """What each change wrote, rivals included."""
        self.faults: list[tuple[str, LogRow, str]] = []

    @property
    def created(self) -> str:
        """The change that created it."""
        return self.rows[0].change

    def version(self, unit: str) -> str:
        """The change that wrote the current value of a unit."""
        return self.versions.get(unit, self.created)

    def take(self, row: LogRow) -> None:
        """Lay one row over what came before; rows come in seq order."""
        before = self.rows[-1].change if self.rows else None
        self.rows.append(row)
        if row.previous != before or (before is None) != (row.op == "create"):
            self._fault("row_previous", row)
        content = _content(row)
        if row.payload and content is None:
            self._fault("row_unreadable", row)
        try:
            self._lay(row, content)
        except (KeyError, TypeError, AttributeError, ElementIdReused):
            self._fault("row_unreadable", row)

    def _lay(self, row: LogRow, content: Mapping[str, Any] | None) -> None:
        if row.op == "create":
            self._create(row, content)
        elif row.op == "delete":
            self._delete(row)
        elif content is None:
            for name in row.replaced:
                self._become(row, name)
                self.erased.add(name)
        else:
            self._patch(row, content)

    def _create(self, row: LogRow, content: Mapping[str, Any] | None) -> None:
        if content is None:
            self.erased.update(self.kind.units)
            return
        data = dict(content.get("set") or {})
        for name in self.kind.elements:
            elements = [*(data.get(name) or ()), *(content.get("add") or {}).get(name, ())]
            if elements:
                data[name] = gather(self.kind.units[name], (), (), elements, ())[0]
        if self.kind.signs is not None and row.values.get(self.kind.outcome) in (
            "current",
            "earlier_version",
        ):
            data[self.kind.outcome] = row.values[self.kind.outcome]
        elif row.values:
            self._fault("row_values", row)
        self.audience = tuple(content.get("audience") or self.kind.audience)
        self.data = data
        for name, unit in self.kind.units.items():
            self.written[name, row.change] = unit.read(data)

    def _delete(self, row: LogRow) -> None:
        if WHOLE in row.replaced:
            self._become(row, WHOLE)
            self.deleted = True
        elif not self.deleted and not self._is_rival(row):
            self._fault("row_lost", row, WHOLE)

    def _patch(self, row: LogRow, content: Mapping[str, Any]) -> None:
        given, add, remove = (content.get(part) or {} for part in ("set", "add", "remove"))
        names = dict.fromkeys(self.kind.unit_of[name] for name in (*given, *add, *remove))
        for name in {*row.replaced, *row.values} - names.keys():
            self._fault("row_replaced", row, name)
        for name in names:
            unit = self.kind.units[name]
            if unit.elements:
                self._list(row, unit, given, add.get(name) or (), remove.get(name) or ())
            else:
                self._value(row, unit, given)
        if self.deleted and "decides" in content:
            self._come_back(row, content)

    def _value(self, row: LogRow, unit: Unit, given: Mapping[str, Any]) -> None:
        value = self._after(row, unit, given)
        if unit.name in row.replaced:
            self._become(row, unit.name)
            unit.lay(self.data, value)
            self.erased.discard(unit.name)
        elif (
            not same(value, unit.read(self.data)) and unit.name not in self.erased and not self._is_rival(row)
        ):
            self._fault("row_lost", row, unit.name)
        self.written[unit.name, row.change] = value

    def _after(self, row: LogRow, unit: Unit, given: Mapping[str, Any]) -> Any:
        """The value after a change. What it leaves out of a group its author saw in some earlier version."""
        if all(name in given for name in unit.fields):
            value = unit.overlay(None, given)
            if not same(row.values.get(unit.name, value), value):
                self._fault("row_values", row, unit.name)
            return value
        seen = [unit.overlay(None, {}), unit.read(self.data)]
        seen += [value for (name, _), value in self.written.items() if name == unit.name]
        value = row.values.get(unit.name)
        if not self.erased and not any(same(value, unit.overlay(one, given)) for one in seen):
            self._fault("row_values", row, unit.name)
        return value

    def _list(
        self, row: LogRow, unit: Unit, given: Mapping[str, Any], add: Any, remove: Any
    ) -> None:  # fmt: skip
        name = unit.name
        current, gone = self.data.get(name) or [], self.removed.get(name, ())
        if name in given:
            value = given[name] or []
            kept = {element["id"] for element in value}
            gone = tuple(dict.fromkeys((*gone, *(e["id"] for e in current if e["id"] not in kept))))
        else:
            value, gone, _ = gather(unit, current, gone, add, remove)
        self.written[name, row.change] = value
        if name in row.replaced:
            self._become(row, name)
            unit.lay(self.data, value)
            if gone:
                self.removed[name] = gone
        elif not (same(value, current) and gone == self.removed.get(name, ())) and not self._is_rival(row):
            self._fault("row_lost", row, name)

    def _come_back(self, row: LogRow, content: Mapping[str, Any]) -> None:
        """A decision for another value brings a deleted record back; one on its deletion may leave it."""
        if row.replaced:
            self.deleted = False
            self.versions[WHOLE] = row.change
        elif WHOLE in (content.get("base") or {}):
            self.unsure = True

    def _become(self, row: LogRow, unit: str) -> None:
        if row.replaced[unit] != self.version(unit):
            self._fault("row_replaced", row, unit)
        self.versions[unit] = row.change

    def _is_rival(self, row: LogRow) -> bool:
        return self._rivals is None or row.change in self._rivals or row.kind == "sync_conflict"

    def _fault(self, code: str, row: LogRow, unit: str = "") -> None:
        self.faults.append((code, row, unit))


def _content(row: LogRow) -> Mapping[str, Any] | None:
    """The payload, if it is one and says of itself what the row says of it."""
    if not row.payload:
        return None
    try:
        content = json.loads(row.payload)
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    says = tuple(content.get(name) for name in ("id", "op", "kind", "record"))
    return content if says == (row.change, row.op, row.kind, row.record) else None
