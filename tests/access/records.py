"""Records of every kind to try rights on, made of `schemas/examples/valid`."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from schemas.catalogue import KINDS
from tests.access.kinds import OWNER
from tests.api.desk import Finding
from tests.api.estate import P019, P029_A1, T05, Tablet
from tests.factories import create, new_id, patch
from tests.people import HE_GUILAN, HEADQUARTERS, QINGYANLI
from tests.signing import DeviceKey, sign_in_with, signed_record, snapshot

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples" / "valid"
STRANGER = "01890000-0000-7000-8000-0000000fffff"
"""The name in a record that is somebody else's: nobody of the roles."""
MOMENT = "2026-11-03T10:00:00+08:00"


def example(kind: str) -> dict[str, Any]:
    """The fields of a valid record."""
    found: dict[str, Any] = json.loads((EXAMPLES / f"{kind}.json").read_text(encoding="utf-8"))["set"]
    return found


def home(kind: str) -> str:
    """The space in which records of a kind are made here."""
    return QINGYANLI if "project" in KINDS[kind].kind.spaces else HEADQUARTERS


# Of every finding on the shelf, so that there is something to verify.
CORRECTION = "01890000-0000-7000-a000-0000000000c0"


class Shelf:
    """What records refer to: one of each kind that is referred to, in 青砚里."""

    def __init__(self, lead: Tablet) -> None:
        """``lead``: 何桂兰's tablet, with which signatures are made."""
        self._key = DeviceKey()
        sign_in_with(lead, self._key)
        finding = Finding(lead)
        evaluated = lead.save(QINGYANLI, finding.evaluate(responsible_person=HE_GUILAN.id))
        assert evaluated["status"] == "applied", evaluated
        self.ids = {"post": P019, "area": P029_A1, "team": T05, "finding": finding.id, "person": HE_GUILAN.id}
        self._device = lead.device
        self._pulled = lead.pull(HEADQUARTERS) | lead.pull(QINGYANLI)

    def stock(self) -> list[dict[str, Any]]:
        """Changes that put the rest on the shelf."""
        made = []
        for kind in (
            "department",
            "supplier",
            "subcontract_item",
            "inspection",
            "area_check",
            "photo",
            "signature",
        ):
            change = self.create(kind, HE_GUILAN.id)
            self.ids[kind] = change["record"]
            made.append(change)
        return made

    def create(self, kind: str, owner: str, level: str = "daily") -> dict[str, Any]:
        """A change that creates a valid record of a kind; a signature with a real hand under it."""
        if kind != "signature":
            return create(kind, self.fields(kind, owner, level))
        by = SimpleNamespace(id=owner, name="记录人")
        finding, ident = self.ids["finding"], new_id()
        shown = snapshot(self._pulled, [finding], ident, HE_GUILAN, by, self._device)  # type: ignore[arg-type]
        change = signed_record(shown, self._key)
        del change["audience"]  # that of its kind, as for every other kind here
        return change

    def fields(self, kind: str, owner: str, level: str = "daily") -> dict[str, Any]:
        """A valid record of a kind, with references to what is on the shelf."""
        fields = example(kind)
        for name, kinds in KINDS[kind].refs.items():
            if name in fields:
                fields[name] = self._refer(fields[name], kinds)
        if kind == "area_check":
            fields["results"] = [{"item": "CL-01", "result": "nonconform"}]
        if kind == "finding":
            fields["corrections"] = [{"id": CORRECTION, "value": _correction(STRANGER, owner)}]
        if kind in OWNER:
            fields[OWNER[kind]] = owner
        if "level" in fields:
            fields["level"] = level
        return fields

    def _refer(self, value: Any, kinds: tuple[str, ...]) -> Any:
        ident = next(self.ids[kind] for kind in kinds if kind in self.ids)
        if isinstance(value, str):
            return ident
        return [{**one, "value": ident} if isinstance(one, dict) else ident for one in value]

    def element(self, kind: str, unit: str, by: str) -> dict[str, Any]:
        """Something to add to a list."""
        values: dict[tuple[str, str], Any] = {
            ("post", "holders"): STRANGER,
            ("finding", "photos"): self.ids["photo"],
            ("finding", "tags"): "急",
            ("finding", "corrections"): _correction(by, by),
            ("finding", "verifications"): {"correction": CORRECTION, "passed": True, "verified_by": by,
                                           "verified_at": MOMENT},
            ("finding", "comments"): {"text": "看过", "by": by, "at": MOMENT},
        }  # fmt: skip
        return {"id": new_id(), "value": values[kind, unit]}

    def change(self, made: dict[str, Any], unit: str, by: str) -> dict[str, Any]:
        """A change of one unit of a record that ``made`` created, to what it is: only the right is asked."""
        kind = made["kind"]
        spec = KINDS[kind].units[unit]
        if spec.merge in ("union", "append"):
            return patch(kind, made["record"], {}, {}, add={unit: [self.element(kind, unit, by)]})
        values = {name: made["set"].get(name) for name in spec.fields}
        base = made["id"] if any(value is not None for value in values.values()) else None
        return patch(kind, made["record"], {unit: base}, values)


def _correction(by: str, recorded_by: str) -> dict[str, Any]:
    return {"result": "已清洗", "corrected_by": by, "recorded_by": recorded_by, "corrected_at": MOMENT}
