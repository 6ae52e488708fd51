"""What a unit held in a version: read from the log, whatever stands there now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sync.kinds import Unit
from sync.records import LogRow


def value_after(row: LogRow, unit: Unit) -> Any:
    """The full value of a unit after a change; `None` if the change did not touch it or was erased."""
    if unit.name in row.values:
        return row.values[unit.name]
    if not row.payload:
        return None
    changed = json.loads(row.payload).get("set") or {}
    if row.op != "create" and not any(name in changed for name in unit.fields):
        return None
    return unit.overlay(None, changed)


def fields_after(row: LogRow, unit: Unit) -> Mapping[str, Any] | None:
    """The same by field. `None`: the change wrote nothing of this unit; empty: its row alone does not tell,
    because it was erased or because lists are gathered from many rows."""
    if unit.name in row.values:
        return unit.as_fields(row.values[unit.name])
    if not row.payload:
        return {}
    payload = json.loads(row.payload)
    touched = {name for part in ("set", "add", "remove") for name in payload.get(part) or ()}
    if row.op != "create" and touched.isdisjoint(unit.fields):
        return None
    return {} if unit.elements else unit.as_fields(value_after(row, unit))
