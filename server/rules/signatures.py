"""Whether a signature says what was on the screen, whole, and what the log says of it (decision 0013).

Requirements Q1-4.4o, Q1-4.4p, X-07. Pure: the shape of the snapshot was checked and the hand under it proven
before. Arrival and `make verify` judge by the same comparisons. Names of persons, posts and classes are as
the signer read them; people are renamed, so only ids and codes are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]
Bound = Sequence[tuple[str, Sequence[str]]]
"""Units with their fields, in the order in which a signature binds them."""

# Fields of the record that the snapshot repeats under the same name, and those of whom it also gives a name.
_REPEATED = ("act", "check", "unit", "device", "signed_at", "reason", "clock_offset_ms")
_PEOPLE = ("signer", "recorded_by", "witness")
SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two that should be the same: what the record or the log says, and what the snapshot says."""

    field: str
    right: Any
    said: Any


@dataclass(frozen=True, slots=True)
class SignatureProblem:
    """Why a signature parks: a code of the failures catalogue, and where it is wrong."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Found:
    """A record that a signature shows. ``gone``: ids of removed elements by field."""

    kind: str
    data: Data
    gone: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """What is known beside a signature.

    ``bound``: by kind, what a signature must bind. ``find``: a record by id. ``wrote``: the fields of a
    record's unit (id, unit) in the version that a change wrote; ``None`` if it never wrote it, and fields
    that the log alone does not tell are left out.
    """

    bound: Mapping[str, Bound]
    find: Callable[[str], Found | None]
    wrote: Callable[[str, str, str], Data | None]


def signature_problems(
    ident: str, data: Data, shown: Data, facts: SignatureFacts
) -> Iterator[SignatureProblem]:
    """Everything that speaks against taking in a signature, the gravest first.

    ``ident``, ``data``: the record; ``shown``: its snapshot, of the shape of `schemas.snapshot`. That a line
    shows an earlier version than the current one is no reason: such a signature is stored and says so.
    """
    for difference in differences(ident, data, shown):
        yield SignatureProblem("snapshot_mismatch", difference.field)
    yield from (SignatureProblem("signature_incomplete", part) for part in lacks(shown))
    yield from (SignatureProblem("snapshot_mismatch", part) for part in too_much(shown))
    findings = {finding: facts.find(finding) for finding in data["findings"]}
    if len(findings) != len(data["findings"]):
        yield SignatureProblem("snapshot_mismatch", "findings")
    for finding, found in findings.items():
        if found is None or found.kind not in facts.bound or not of_check(found.data, data):
            yield SignatureProblem("snapshot_mismatch", f"findings {finding}")
            return
    wanted = [
        (finding, unit, tuple(fields))
        for finding, found in findings.items()
        if found is not None
        for unit, fields in facts.bound[found.kind]
    ]
    yield from _lines(shown["lines"], wanted)
    for line in shown["lines"]:
        yield from _version(line, facts)
    for finding in shown["findings"]:
        for difference in (*read_differences(finding, shown["lines"]), *_photos(finding, facts)):
            yield SignatureProblem("snapshot_mismatch", f"findings.{difference.field} {finding['record']}")


def differences(ident: str, data: Data, shown: Data) -> Iterator[Difference]:
    """Where the record's own fields do not repeat its snapshot."""
    repeated = {name: (data.get(name), shown.get(name)) for name in _REPEATED}
    for name in _PEOPLE:
        repeated[name] = (data.get(name), (shown.get(name) or {}).get("id"))
    repeated["snapshot.signature"] = (ident, shown["signature"])
    repeated["findings"] = (data["findings"], [finding["record"] for finding in shown["findings"]])
    repeated["lines"] = (_places(data["lines"]), _places(shown["lines"]))
    for name, (own, said) in repeated.items():
        if own != said:
            yield Difference(name, own, said)


def lacks(shown: Data) -> Iterator[str]:
    """The parts of a snapshot that its act asks for and that are not there: who signs proves who he is and
    leaves his hand or, instead, his own name; a refusal or an absence has a reason (Q1-4.4p)."""
    if shown["act"] != SIGNED:
        if not (shown["reason"] or "").strip():
            yield "reason"
        return
    identified = shown["identified"]
    if identified["by"] != "pin" or identified.get("pin_version") is None:
        yield "identified"
    typed = shown["typed_name"]
    if not shown["strokes"] and not (typed and typed == shown["signer"]["name"]):
        yield "strokes"


def too_much(shown: Data) -> Iterator[str]:
    """The parts of a snapshot that its act cannot have: a hand under a refusal, a foreign name."""
    if shown["act"] != SIGNED and (shown["strokes"] or shown["typed_name"]):
        yield "strokes"
    if shown["act"] == SIGNED and shown["typed_name"] not in (None, shown["signer"]["name"]):
        yield "typed_name"


def of_check(finding: Data, signature: Data) -> bool:
    """Whether a finding is of the check and the unit that a signature names."""
    return all(finding.get(name) == signature.get(name) for name in ("check", "unit"))


def bound_differences(line: Data, held: Data, gone: Collection[str] = ()) -> Iterator[Difference]:
    """Where a line's values are not those that its version held. ``held``: the unit's fields, those that are
    not known left out; ``gone``: ids of elements that were removed."""
    for field, said in line["value"].items():
        if field in held and not holds(said, held[field], gone):
            yield Difference(field, held[field], said)


def holds(said: Any, held: Any, gone: Collection[str] = ()) -> bool:
    """Whether what was shown is what was held; an empty list and none at all are the same, ``null``.

    A list of elements is merged without a base: other tablets may have added to it, or removed from it, what
    this one could not show yet. So each element that was shown must be known, and more may be known.
    """
    if not isinstance(said, list) and not isinstance(held, list):
        return bool(said == held)
    if not isinstance(said or [], list) or not isinstance(held or [], list):
        return False
    known = {element["id"]: element["value"] for element in held or ()}
    return all(
        isinstance(element, dict)
        and isinstance(element.get("id"), str)
        and (
            element["id"] in gone or (element["id"] in known and known[element["id"]] == element.get("value"))
        )
        for element in said or ()
    )


def read_differences(finding: Data, lines: Sequence[Data]) -> Iterator[Difference]:
    """Where what a person read of a finding is not what the lines bind."""
    value: dict[str, Any] = {}
    for line in lines:
        if line["record"] == finding["record"]:
            value |= line["value"]
    place, person = finding["area"] or finding["post"], finding["responsible_person"]
    pairs = {
        "post": (finding["post"]["id"], value.get("post")),
        "unit": (place["id"], value.get("unit")),
        "item": (finding["item"]["code"], value.get("item")),
        "description": (finding["description"], value.get("description")),
        "photos": ([photo["id"] for photo in finding["photos"]], _values(value.get("photos"))),
        "class": (finding["class"]["code"], value.get("class")),
        "attribution": (finding["attribution"]["code"], value.get("attribution")),
        "responsible_person": (person["id"] if person else None, value.get("responsible_person")),
    }
    for field, (read, bound) in pairs.items():
        if read != bound:
            yield Difference(field, bound, read)


def _lines(
    lines: Sequence[Data], wanted: Sequence[tuple[str, str, Sequence[str]]]
) -> Iterator[SignatureProblem]:
    """Each line that a signature must bind is there, whole, once and in its order, and nothing else."""
    given = {(line["record"], line["unit"]): line for line in lines}
    for record, unit, fields in wanted:
        line = given.get((record, unit))
        if line is None or not set(fields) <= set(line["fields"]):
            yield SignatureProblem("signature_incomplete", f"lines.{unit} {record}")
    named = [(line["record"], line["unit"], tuple(line["fields"])) for line in lines]
    if named != list(wanted):
        yield SignatureProblem("snapshot_mismatch", "lines")
    for line in lines:
        if set(line["value"]) != set(line["fields"]):
            yield SignatureProblem("snapshot_mismatch", f"lines.{line['unit']}.value {line['record']}")


def _version(line: Data, facts: SignatureFacts) -> Iterator[SignatureProblem]:
    """A line shows a version that there was, with the values that it had."""
    record, unit = line["record"], line["unit"]
    held = facts.wrote(record, unit, line["version"])
    if held is None:
        yield SignatureProblem("snapshot_mismatch", f"lines.{unit}.version {record}")
        return
    found = facts.find(record)
    gone = found.gone.get(unit, ()) if found is not None else ()
    for difference in bound_differences(line, held, gone):
        yield SignatureProblem("snapshot_mismatch", f"lines.{difference.field} {record}")


def _photos(finding: Data, facts: SignatureFacts) -> Iterator[Difference]:
    """The hash that was shown of a photo is the one that its record names."""
    for photo in finding["photos"]:
        found = facts.find(photo["id"])
        sha256 = found.data.get("sha256") if found is not None else None
        if sha256 != photo["sha256"]:
            yield Difference("photos", sha256, photo["sha256"])


def _values(elements: Any) -> list[Any]:
    listed = elements if isinstance(elements, list) else ()
    return [element.get("value") if isinstance(element, dict) else element for element in listed]


def _places(lines: Any) -> list[Any]:
    return [(line["record"], line["unit"], line["version"], *(line.get("fields") or ())) for line in lines]
