"""Is any accepted value lost in silence (I3)? Told from the payloads of the log and the records alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from schemas.catalogue import KINDS
from tests.simulation.client.dump import Evidence, Line, SpaceDump

CONFLICT = "sync_conflict"


def nothing_is_lost_in_silence(evidence: Evidence) -> Iterator[str]:
    """I3: every accepted value is current, or somebody who had seen it wrote over it, or its policy keeps it,
    or it is or was a rival that a person decides on."""
    for space in evidence.server.spaces.values():
        yield from _Ledger(space).problems()


def bases_are_what_was_shown(evidence: Evidence) -> Iterator[str]:
    """I3: the version that a change names as its base holds the value that its author had before his eyes.

    With one limit: an own change that lost lay over a newer version of others. A tablet never merges, so of a
    group that such a change set in part, the other fields were shown as those others had left them.
    """
    spaces = evidence.server.spaces.values()
    lines = {line.change: line for space in spaces for line in space.log}
    lost = {change for space in spaces for _, _, change in rivals_of(space)}
    for name, tablet in evidence.tablets.items():
        for saved in tablet["saved"]:
            for change in saved["changes"]:
                for unit, base in change.get("base", {}).items():
                    line = lines.get(base)
                    if line is None or unit == "*":
                        continue
                    fields: Sequence[str] = KINDS[change["kind"]].units[unit].fields
                    if base in lost and line.device == tablet["device"]:
                        fields = [field for field in fields if field in line.content.get("set", {})]
                    shown = {field: saved["shown"][change["record"]].get(field) for field in fields}
                    stands = _value(line, unit, fields)
                    if stands is not None and stands != shown:
                        yield f"I3 {name} saw {shown} of {change['record']} and based on {base}: {stands}"


def rivals_of(space: SpaceDump) -> set[tuple[str, str, str]]:
    """Record, unit, change: whatever is a rival, or was one at some time."""
    told = [(line.record, line.content.get("set", {})) for line in space.log if line.kind == CONFLICT]
    told += [(record.id, record.data) for record in space.records.values() if record.kind == CONFLICT]
    found = set()
    for conflict, said in told:
        about = space.records[conflict].data
        found |= {(about["record"], about["unit"], rival["change"]) for rival in said.get("rivals") or ()}
    return found


class _Ledger:
    """One space's log, by record and unit."""

    def __init__(self, space: SpaceDump) -> None:
        self.space = space
        self.lines = {line.change: line for line in space.log}
        self.about: dict[tuple[str, str], list[Line]] = defaultdict(list)
        self.rivals = rivals_of(space)
        for line in space.log:
            for unit in _units(line):
                self.about[line.record, unit].append(line)

    def problems(self) -> Iterator[str]:
        """Each value that is nowhere any more."""
        for (record, unit), lines in self.about.items():
            for at, line in enumerate(lines):
                if not self._accounted(record, unit, line, lines[at + 1 :]):
                    value = line.content.get("set") or line.content.get("add") or line.content.get("remove")
                    yield f"I3 {value} of {line.change} (seq {line.seq}, {unit} of {record}) is lost"

    def _accounted(self, record: str, unit: str, line: Line, later: Sequence[Line]) -> bool:
        state = self.space.records[record]
        if (record, unit, line.change) in self.rivals:
            return True
        spec = KINDS[line.kind].units[unit]
        if spec.merge in ("union", "append"):
            return self._elements_are_there(line, spec.fields[0], later)
        set_ = line.content.get("set", {})
        value = {field: set_[field] for field in spec.fields if field in set_}
        if all(state.data.get(field) == wanted for field, wanted in value.items()):
            return True
        if spec.merge in ("last", "worst") and later:
            return True
        return any(self._had_seen(other, unit, line, value) for other in later)

    def _had_seen(self, other: Line, unit: str, line: Line, value: dict[str, Any]) -> bool:
        base = other.content.get("base", {}).get(unit)
        if base is None:
            # Nothing was there to be seen: an empty field.
            return not any(field is not None for field in value.values())
        if base == line.change:
            return True
        seen = self.lines.get(base)
        whole = None if seen is None else _value(seen, unit, tuple(value))
        return whole == value

    def _elements_are_there(self, line: Line, field: str, later: Sequence[Line]) -> bool:
        here = {element["id"] for element in self.space.records[line.record].data.get(field) or ()}
        removed = {
            ident
            for other in self.about[line.record, field]
            for ident in other.content.get("remove", {}).get(field, ())
        }
        added = [*line.content.get("add", {}).get(field, ()), *(line.content.get("set", {}).get(field) or ())]
        gone = set(line.content.get("remove", {}).get(field, ()))
        return all(element["id"] in here | removed for element in added) and not gone & here


def _units(line: Line) -> set[str]:
    """The units that a change sets, adds to or removes from. What the server itself writes down is not
    judged."""
    if line.kind == CONFLICT or line.kind not in KINDS:
        return set()
    kind = KINDS[line.kind]
    touched = {field for part in ("set", "add", "remove") for field in line.content.get(part) or {}}
    return {unit for unit, spec in kind.units.items() if touched.intersection(spec.fields)}


def _value(line: Line, unit: str, fields: Sequence[str]) -> dict[str, Any] | None:
    """The value that a change gave to these fields of a unit; ``None`` where the log does not tell."""
    whole = line.values.get(unit)
    if whole is not None:
        if not isinstance(whole, dict):
            return None
        return {field: whole.get(field) for field in fields}
    set_ = line.content.get("set", {})
    if line.content["op"] == "create" or all(field in set_ for field in fields):
        return {field: set_.get(field) for field in fields}
    return None
