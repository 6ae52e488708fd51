"""Every signature: the device's hand under the snapshot, and the snapshot against what the log says.

Decision 0013, Q1-4.4o, Q1-4.4p. Names of persons, posts and classes are as the signer read them; people are
renamed, so only ids and codes are compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.kinds.signature import SNAPSHOT_FORM
from schemas.signing import SIGNED_LINES
from server.verify.crypto import read_canonical, verifies
from server.verify.ports import StoredRecord
from server.verify.problems import Problem
from server.verify.records import brief
from server.verify.replay import Replay
from sync.policies import same
from sync.records import Record

# Fields of the record that the snapshot repeats under the same name, and those of whom it also gives a name.
_REPEATED = ("act", "check", "unit", "device", "signed_at", "reason", "clock_offset_ms")
_PEOPLE = ("signer", "recorded_by", "witness")


@dataclass(frozen=True, slots=True)
class Facts:
    """What signatures are judged by."""

    keys: Mapping[str, str | None]
    """The public key (JWK as JSON text) of each device."""
    records: Mapping[str, StoredRecord]
    """Those that the signatures name."""
    replays: Mapping[str, Replay]
    """Of these, the ones that lines name, made anew from the log."""


def check_signature(signature: Record, facts: Facts) -> Iterator[Problem]:
    """What is wrong with a signature."""
    case = _Case(signature, facts)
    try:
        yield from case.problems()
    except (KeyError, TypeError, AttributeError, ValueError):
        # A snapshot that is signed and canonical and yet has another shape than decision 0013 gives it.
        yield case.wrong("snapshot_form")


class _Case:
    def __init__(self, signature: Record, facts: Facts) -> None:
        self.signature, self.facts, self.data = signature, facts, signature.data

    def wrong(self, code: str, field: str = "", *, record: str = "", detail: str = "") -> Problem:
        """A problem; ``record``: the finding concerned. Names the signer, then who held the tablet."""
        one = self.signature
        people = tuple(dict.fromkeys(p for p in (self.data.get("signer"), self.data.get("recorded_by")) if p))
        about = f"finding {record} {detail}".rstrip() if record else detail
        return Problem(
            code, one.space, one.seq, one.last_change, one.id, one.kind, field, people, detail=about
        )

    def problems(self) -> Iterator[Problem]:
        """Everything, from the hand to the present state."""
        yield from self._hand()
        shown = read_canonical(self.data.get("snapshot"), SNAPSHOT_FORM)
        if shown is None:
            yield self.wrong("snapshot_form")
            return
        yield from self._agrees(shown)
        yield from self._complete(shown)
        for line in shown["lines"]:
            yield from self._line(line)
        for finding in shown["findings"]:
            yield from self._read(finding, shown)
        yield from self._marks(shown)

    def _hand(self) -> Iterator[Problem]:
        device = self.data.get("device", "")
        key = self.facts.keys.get(device)
        if key is None:
            yield self.wrong("device_key_missing", "device", detail=device)
        elif not verifies(_jwk(key), self.data["device_signature"], self.data["snapshot"].encode()):
            yield self.wrong("signature_forged", "device_signature", detail=f"device {device}")

    def _agrees(self, shown: Mapping[str, Any]) -> Iterator[Problem]:
        """The record's own fields repeat the snapshot."""
        repeated = {name: (self.data.get(name), shown.get(name)) for name in _REPEATED}
        for name in _PEOPLE:
            repeated[name] = (self.data.get(name), (shown.get(name) or {}).get("id"))
        repeated["snapshot.signature"] = (self.signature.id, shown["signature"])
        repeated["findings"] = (self.data["findings"], [finding["record"] for finding in shown["findings"]])
        repeated["lines"] = (_places(self.data["lines"]), _places(shown["lines"]))
        for name, (own, said) in repeated.items():
            if not same(own, said):
                yield self.wrong("snapshot_mismatch", name, detail=f"{brief(own)} ≠ {brief(said)}")
        # Whoever does not write by hand types his name instead.
        by_hand = bool(shown["strokes"]) or bool(shown.get("typed_name"))
        if by_hand != (shown["act"] == "signed"):
            yield self.wrong("snapshot_mismatch", "strokes", detail=shown["act"])

    def _complete(self, shown: Mapping[str, Any]) -> Iterator[Problem]:
        """Each finding with all the lines that a signature binds, of this very check, and nothing else."""
        named = {(line["record"], line["unit"]) for line in shown["lines"]}
        wanted = set()
        for ident in self.data["findings"]:
            stored = self.facts.records.get(ident)
            if stored is None or stored.record is None or stored.kind not in SIGNED_LINES:
                yield self.wrong("finding_foreign", record=ident)
                continue
            wanted |= {(ident, unit) for unit, _ in SIGNED_LINES[stored.kind]}
            if any(stored.record.data.get(name) != self.data[name] for name in ("check", "unit")):
                yield self.wrong("finding_foreign", record=ident)
        for ident, unit in sorted(wanted - named):
            yield self.wrong("line_missing", unit, record=ident)
        for ident, unit in sorted(named - wanted):
            yield self.wrong("line_foreign", unit, record=ident)

    def _line(self, line: Mapping[str, Any]) -> Iterator[Problem]:
        """What was shown is what the log says of that version, and of now while it counts as signed."""
        ident, name, version = line["record"], line["unit"], line["version"]
        replay = self.facts.replays.get(ident)
        unit = replay.kind.units.get(name) if replay is not None else None
        if replay is None or unit is None:
            yield self.wrong("line_foreign", name, record=ident)
            return
        known = (name, version) in replay.written
        if not known and not any(row.change == version for row in replay.rows):
            yield self.wrong("signed_version_unknown", name, record=ident, detail=f"change {version}")
        logged = unit.as_fields(replay.written[name, version]) if known else {}
        stored = self.facts.records[ident].record
        bound = tuple(line.get("fields") or unit.fields)
        if stored is not None and set(line["value"]) != set(bound):
            yield self.wrong("line_fields", name, record=ident)
        counts = stored is not None and self.signature.id in stored.signed.get(name, ())
        for field in bound:
            said = line["value"].get(field)
            if known and not _equal(said, logged.get(field)):
                yield self.wrong(
                    "signed_value", field, record=ident, detail=f"{brief(said)} ≠ {brief(logged.get(field))}"
                )
            if counts and stored is not None and not _equal(said, stored.data.get(field)):
                now = brief(stored.data.get(field))
                yield self.wrong("signed_now", field, record=ident, detail=f"{brief(said)} ≠ {now}")

    def _read(self, finding: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Problem]:
        """What the person read is what the lines say."""
        value: dict[str, Any] = {}
        for line in shown["lines"]:
            if line["record"] == finding["record"]:
                value |= line["value"]
        area = finding["area"]["id"] if finding["area"] else finding["post"]["id"]
        person = finding["responsible_person"]
        ids = [element["value"] for element in value.get("photos") or ()]
        pairs = {
            "post": (finding["post"]["id"], value.get("post")),
            "unit": (area, value.get("unit")),
            "item": (finding["item"]["code"], value.get("item")),
            "description": (finding["description"], value.get("description")),
            "photos": ([photo["id"] for photo in finding["photos"]], ids),
            "class": (finding["class"]["code"], value.get("class")),
            "attribution": (finding["attribution"]["code"], value.get("attribution")),
            "responsible_person": (person["id"] if person else None, value.get("responsible_person")),
        }
        for field, (read, bound) in pairs.items():
            if not same(read, bound):
                detail = f"{brief(read)} ≠ {brief(bound)}"
                yield self.wrong("snapshot_inside", field, record=finding["record"], detail=detail)
        for photo in finding["photos"]:
            stored = self.facts.records.get(photo["id"])
            held = stored.record.data.get("sha256") if stored is not None and stored.record else None
            if held != photo["sha256"]:
                detail = f"photo {photo['id']} sha256 {photo['sha256']} ≠ {held}"
                yield self.wrong("signed_photo", "photos", record=finding["record"], detail=detail)

    def _marks(self, shown: Mapping[str, Any]) -> Iterator[Problem]:
        """While a line's version is current the unit is signed by it, or a change would not be held back."""
        for line in shown["lines"]:
            stored = self.facts.records.get(line["record"])
            record = stored.record if stored is not None else None
            if record is None or record.space != self.signature.space:
                continue
            marked = record.signed.get(line["unit"], {})
            current = record.version(line["unit"]) == line["version"]
            if current and self.signature.id not in marked:
                yield self.wrong("mark_missing", line["unit"], record=record.id)


def named_by(signature: Record) -> set[str]:
    """Ids of the records that a signature must be checked against: findings, and photos that it shows."""
    ids = {ident for ident in signature.data.get("findings") or () if isinstance(ident, str)}
    shown = read_canonical(signature.data.get("snapshot"), SNAPSHOT_FORM) or {}
    try:
        ids |= {line["record"] for line in shown.get("lines", ())}
        for finding in shown.get("findings", ()):
            ids |= {finding["record"], *(photo["id"] for photo in finding["photos"])}
    except (KeyError, TypeError):
        return ids
    return ids


def _equal(said: Any, stored: Any) -> bool:
    """A list that is empty and none at all are the same: a tablet writes `null` for both."""
    return same(None if said == [] else said, None if stored == [] else stored)


def _places(lines: Any) -> list[Any]:
    return [(line["record"], line["unit"], line["version"], *(line.get("fields") or ())) for line in lines]


def _jwk(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
