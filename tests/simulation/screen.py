"""What a user sees on a device, and the changes that he can make there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.kinds import Kind
from tests.simulation.cast import LEARNED
from tests.simulation.device import Device

FINDING = LEARNED["finding"]
Change = dict[str, Any]


class Screen:
    """The base of one space with the outbox laid over it."""

    def __init__(self, device: Device, space: str) -> None:
        self.device, self.space = device, space
        followed = device.disk.spaces.get(space)
        self.base: Mapping[str, Mapping[str, Any]] = followed.base if followed is not None else {}
        laid = [e for e in device.disk.outbox.values() if e.laid and e.space == space]
        self.laid: dict[str, list[Change]] = {}
        """Per record the changes that lie over the base, in the order in which they were made."""
        for entry in sorted(laid, key=lambda entry: entry.n):
            for change in entry.commit["changes"]:
                self._lay(change, entry.seqs.get(change["id"], 0))

    def _lay(self, change: Change, seq: int) -> None:
        row = self.base.get(change["record"])
        if seq == 0 or row is None or seq > row["seq"]:
            self.laid.setdefault(change["record"], []).append(change)

    def add(self, change: Change) -> None:
        """Lay a change over it that belongs to the act in hand."""
        self.laid.setdefault(change["record"], []).append(change)

    def known(self, kind: str) -> list[str]:
        """The records of a kind that are shown, sorted."""
        shown = {i for i, row in self.base.items() if row["kind"] == kind and not row["deleted"]}
        for record, changes in self.laid.items():
            for change in changes:
                if change["op"] == "delete":
                    shown.discard(record)
                elif change["op"] == "create" and change["kind"] == kind:
                    shown.add(record)
        return sorted(shown)

    def version(self, record: str, kind: Kind, unit: str) -> str | None:
        """The change that wrote what is shown of a unit."""
        row = self.base.get(record)
        version = row["versions"].get(unit, row["created_by_change"]) if row is not None else None
        for change in self.laid.get(record, ()):
            if change["op"] == "create" or unit in touched(kind, change):
                version = change["id"]
        return version

    def elements(self, record: str, field: str) -> list[str]:
        """The ids of the elements of a list that are shown."""
        row = self.base.get(record)
        ids = [element["id"] for element in (row["data"].get(field) or ())] if row is not None else []
        for change in self.laid.get(record, ()):
            ids += [element["id"] for element in change.get("add", {}).get(field, ())]
            ids = [ident for ident in ids if ident not in change.get("remove", {}).get(field, ())]
        return ids

    def last_pulled(self, record: str) -> str | None:
        """The last change of a record that was pulled; else the own create."""
        row = self.base.get(record)
        if row is not None:
            last: str = row["last_change"]
            return last
        made = [change["id"] for change in self.laid.get(record, ()) if change["op"] == "create"]
        return made[0] if made else None


def touched(kind: Kind, change: Mapping[str, Any]) -> set[str]:
    """The units that a change writes."""
    names = {name for part in ("set", "add", "remove") for name in _today(change).get(part, {})}
    return {kind.unit_of[name] for name in names if name in kind.unit_of}


def _today(change: Mapping[str, Any]) -> Mapping[str, Any]:
    """An older app's change with today's names."""
    if change["kind"] == "finding" and "text" in change.get("set", {}):
        return {**change, "set": {("note" if k == "text" else k): v for k, v in change["set"].items()}}
    return change


def create(device: Device, kind: str, fields: Mapping[str, Any], audience: Sequence[str] = ()) -> Change:
    """A create."""
    change = {"id": device.new_id("ch"), "op": "create", "kind": kind, "record": device.new_id(kind[:2])}
    return {**change, "set": dict(fields), **({"audience": list(audience)} if audience else {})}


def patch(
    screen: Screen, kind: Kind, record: str, fields: Mapping[str, Any], named: Sequence[str] = (), **more: Any
) -> Change:
    """A patch that names as its bases what the screen shows."""
    units = [*dict.fromkeys(kind.unit_of[name] for name in fields), *named]
    base = {unit: screen.version(record, kind, unit) for unit in units}
    change = {"id": screen.device.new_id("ch"), "op": "patch", "kind": kind.name, "record": record}
    return {**change, "base": base, "set": dict(fields), **more}


def delete(screen: Screen, kind: str, record: str) -> Change:
    """A delete; it names the last change that was pulled."""
    change = {"id": screen.device.new_id("ch"), "op": "delete", "kind": kind, "record": record}
    return {**change, "base": {"*": screen.last_pulled(record)}}


def sign(screen: Screen, record: str, units: Sequence[str], kind: Kind = FINDING) -> Change:
    """A signature over what is shown of these units."""
    shown = ((unit, screen.version(record, kind, unit)) for unit in units)
    lines = [{"record": record, "unit": unit, "version": version} for unit, version in shown if version]
    return create(screen.device, "signature", {"lines": lines})
