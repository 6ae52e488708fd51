"""Auditing a store after the fact, from its log alone: is anything lost (I3)?"""

from __future__ import annotations

import json
from typing import Any

from sync.conflict import CONFLICT
from sync.records import LogRow, Record
from tests.sync.stage import KINDS, Stage


class Ledger:
    """What the log of a space says, read without the engine's help."""

    def __init__(self, stage: Stage, saw: dict[str, int]) -> None:
        self.records = stage.records
        self.fates = stage.store.fates
        self.saw = saw
        self.log = stage.store.space(stage.space).log
        self.rows = {row.change: row for row in self.log}
        self.rivals: set[tuple[str, str, str]] = set()
        """(record, unit, change): whatever was a rival at some time."""
        for row in self.log:
            if row.kind == CONFLICT:
                told = json.loads(row.payload)["set"]
                conflict = self.records[row.record].data
                for side in told.get("rivals", ()):
                    self.rivals.add((conflict["record"], conflict["unit"], side["change"]))

    def check(self) -> None:
        """Every accepted value is current, was replaced by somebody who had seen it, or was a rival."""
        for row in self.log:
            if row.kind == CONFLICT:
                continue
            record, content = self.records[row.record], json.loads(row.payload)
            for unit, old in row.replaced.items():
                self._check_replaced(row, content, unit, old)
            if row.op == "patch" and "decides" not in content:
                self._check_taken(row, record, content)
            if row.op == "delete" and "*" not in row.replaced and "decides" not in content:
                assert self._rival(row, "*") or self._was_deleted_before(row)

    def _check_taken(self, row: LogRow, record: Record, content: dict[str, Any]) -> None:
        """Each unit that a patch set became current, met an equal value, or became a rival."""
        kind = KINDS[row.kind]
        for unit in {kind.unit_of[name] for name in content.get("set", {})}:
            same = self.fates.get(row.change, {}).get(unit)
            ways = (unit in row.replaced, same is not None and same.kind == "same", self._rival(row, unit))
            assert any(ways), (row, unit)
        for field, elements in content.get("add", {}).items():
            there = {element["id"] for element in record.data.get(field, ())} | set(
                record.removed.get(field, ())
            )
            assert self._rival(row, field) or {element["id"] for element in elements} <= there

    def _check_replaced(self, row: LogRow, content: dict[str, Any], unit: str, old: str) -> None:
        """Whoever replaced a version had seen it, or the policy keeps both, or it is a decision."""
        kind = KINDS[row.kind]
        if "decides" in content or unit in kind.elements:
            return
        if unit == "*":
            self._check_deletion(row)
            return
        assert not self._signed_before(row, unit, old), (row, unit, old)
        policy = kind.units[unit].policy
        if policy == "last" or (row.record, unit, old) in self.rivals:
            return
        assert self._seen(row, unit, content["base"].get(unit), old), (row, unit, old)

    def _seen(self, row: LogRow, unit: str, base: str | None, old: str) -> bool:
        if base is None or base == old:
            return base == old or self._blank_before(row, unit, old)
        fate = self.fates.get(base, {}).get(unit)
        return fate is not None and self._seen(row, unit, fate.to, old)

    def _blank_before(self, row: LogRow, unit: str, old: str) -> bool:
        told = json.loads(self.rows[old].payload)["set"]
        return all(told.get(name) is None for name in KINDS[row.kind].units[unit].fields)

    def _check_deletion(self, row: LogRow) -> None:
        """A delete that landed had pulled everything that others had done to the record."""
        for other in self.log:
            if other.record == row.record and other.seq < row.seq and other.device != row.device:
                assert other.seq <= self.saw[row.change], (row, other)

    def _was_deleted_before(self, row: LogRow) -> bool:
        return any(o.record == row.record and o.seq < row.seq and "*" in o.replaced for o in self.log)

    def _signed_before(self, row: LogRow, unit: str, version: str) -> bool:
        """Whether a signature that came before covered this very version."""
        line = {"record": row.record, "unit": unit, "version": version}
        signatures = (record for record in self.records.values() if record.kind == "signature")
        return any(s.seq < row.seq and line in s.data["lines"] for s in signatures)

    def _rival(self, row: LogRow, unit: str) -> bool:
        return (row.record, unit, row.change) in self.rivals
