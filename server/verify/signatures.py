"""Every signature: the device's hand under the snapshot, and the snapshot against what the log says.

Decision 0013, Q1-4.4o, Q1-4.4p. Names of persons, posts and classes are as the signer read them; people are
renamed, so only ids and codes are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.kinds.signature import SNAPSHOT_FORM
from schemas.signing import SIGNED_LINES
from schemas.snapshot import snapshot_problem
from server.evidence.signatures import signed_by
from server.rules.signatures import (
    bound_differences,
    differences,
    lacks,
    of_check,
    read_differences,
    too_much,
)
from server.verify.ports import StoredRecord
from server.verify.problems import Problem
from server.verify.records import brief
from server.verify.replay import Replay
from sync.canonical import read_signable
from sync.kinds import Unit
from sync.records import Record


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
        shown = read_signable(self.data.get("snapshot"), SNAPSHOT_FORM)
        misshapen = snapshot_problem(shown)
        if shown is None or misshapen is not None:
            yield self.wrong("snapshot_form", misshapen or "")
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
        elif not signed_by(key, self.data["device_signature"], self.data["snapshot"]):
            yield self.wrong("signature_forged", "device_signature", detail=f"device {device}")

    def _agrees(self, shown: Mapping[str, Any]) -> Iterator[Problem]:
        """The record's own fields repeat the snapshot, and that has what its act asks for, no more."""
        for one in differences(self.signature.id, self.data, shown):
            yield self.wrong("snapshot_mismatch", one.field, detail=f"{brief(one.right)} ≠ {brief(one.said)}")
        for part in lacks(shown):
            yield self.wrong("signature_incomplete", part, detail=shown["act"])
        for part in too_much(shown):
            yield self.wrong("snapshot_mismatch", part, detail=shown["act"])

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
            if not of_check(stored.record.data, self.data):
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
        logged = self._logged(replay, unit, version) if known else {}
        stored = self.facts.records[ident].record
        if stored is not None and set(line["value"]) != set(line.get("fields") or unit.fields):
            yield self.wrong("line_fields", name, record=ident)
        gone = stored.removed.get(name, ()) if stored is not None else ()
        for one in bound_differences(line, logged, gone):
            detail = f"{brief(one.said)} ≠ {brief(one.right)}"
            yield self.wrong("signed_value", one.field, record=ident, detail=detail)
        if stored is None or self.signature.id not in stored.signed.get(name, ()):
            return
        for one in bound_differences(line, unit.as_fields(unit.read(stored.data)), gone):
            detail = f"{brief(one.said)} ≠ {brief(one.right)}"
            yield self.wrong("signed_now", one.field, record=ident, detail=detail)

    def _logged(self, replay: Replay, unit: Unit, version: str) -> Mapping[str, Any]:
        """What the log says of a version by field. Lists are merged without a base, and a restored server may
        have got their elements in another order than the one before it: of those, all that came in time."""
        if not unit.elements:
            return unit.as_fields(replay.written[unit.name, version])
        rows = [row for row in replay.rows if row.seq < self.signature.seq]
        lists = [replay.written.get((unit.name, row.change)) or () for row in rows]
        return {unit.name: list({element["id"]: element for one in lists for element in one}.values())}

    def _read(self, finding: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Problem]:
        """What the person read is what the lines say."""
        for one in read_differences(finding, shown["lines"]):
            detail = f"{brief(one.said)} ≠ {brief(one.right)}"
            yield self.wrong("snapshot_inside", one.field, record=finding["record"], detail=detail)
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
    shown = read_signable(signature.data.get("snapshot"), SNAPSHOT_FORM) or {}
    try:
        ids |= {line["record"] for line in shown.get("lines", ())}
        for finding in shown.get("findings", ()):
            ids |= {finding["record"], *(photo["id"] for photo in finding["photos"])}
    except (KeyError, TypeError):
        return ids
    return ids
