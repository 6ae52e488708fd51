"""Whether a finding may be evaluated, acknowledged, put right and closed as a change wants it.

Requirements Q1-3.4.1b, Q1-3.4.3a, Q1-4.4o, Q1-4.4p, Q1-4.6a to 4.6f. Rights and the steps of the life cycle
are judged by `authority`; here is what depends on the content. Only what a change touches is judged: a table
that changed since makes no old finding wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Data = Mapping[str, Any]
JUDGED = ("class", "attribution", "responsible_person", "disposition", "due_at")
UNSIGNED_STATES = ("open", "evaluated")
NO_BREACH = "OBS"
ENTRIES = {"corrections": "recorded_by", "verifications": "verified_by", "comments": "by"}


@dataclass(frozen=True, slots=True)
class FindingProblem:
    """Why it may not be, and the field concerned."""

    code: str
    field: str


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """What is known beside the finding.

    ``author``: whoever changes it, ``None`` for the server itself. ``id``: of the finding. Rows of the tables
    by code: ``attributions`` `{person}`, ``dispositions`` `{deadline, not_for, supplier_only}`, ``classes``
    `{deadline}`; a code that is in no table is not judged by it. ``supplied``: its post is a check point of a
    subcontracted item. ``acknowledgement``: the data of the signature that it names, ``None`` if none.
    """

    id: str
    author: str | None
    attributions: Mapping[str, Data] = field(default_factory=dict)
    dispositions: Mapping[str, Data] = field(default_factory=dict)
    classes: Mapping[str, Data] = field(default_factory=dict)
    supplied: bool = False
    acknowledgement: Data | None = None


def finding_problems(before: Data | None, after: Data, facts: FindingFacts) -> list[FindingProblem]:
    """Everything that speaks against this state of a finding; ``before`` is ``None`` when it is created."""
    old: Data = before or {}
    found: list[FindingProblem] = []
    if any(old.get(name) != after.get(name) for name in JUDGED):
        found += _evaluation(after, facts)
    if (old.get("present"), old.get("excuse")) != (after.get("present"), after.get("excuse")):
        found += _presence(after)
    if old.get("acknowledgement") != after.get("acknowledgement"):
        found += _acknowledgement(after, facts)
    if before is not None and old.get("state") != after.get("state"):
        found += _state(after)
    if facts.author is not None:
        found += _entries(old, after, facts.author)
    return found


def _evaluation(after: Data, facts: FindingFacts) -> list[FindingProblem]:
    found = []
    attribution = facts.attributions.get(after.get("attribution") or "")
    if attribution is not None and attribution["person"] != "no" and not after.get("responsible_person"):
        found.append(FindingProblem("person_missing", "responsible_person"))
    disposition = facts.dispositions.get(after.get("disposition") or "")
    if disposition is None:
        return found
    if after.get("class") in disposition["not_for"]:
        found.append(FindingProblem("disposition_not_for_class", "disposition"))
    if disposition["supplier_only"] and not facts.supplied:
        found.append(FindingProblem("disposition_not_for_team", "disposition"))
    grade = facts.classes.get(after.get("class") or "")
    timed = disposition["deadline"] == "now" or (
        disposition["deadline"] == "from_class" and grade is not None and grade["deadline"] != "none"
    )
    if timed and not after.get("due_at"):
        found.append(FindingProblem("deadline_missing", "due_at"))
    return found


def _presence(after: Data) -> list[FindingProblem]:
    excused = after.get("present") == "excused"
    return [FindingProblem("excuse_missing", "excuse")] if excused and _blank(after.get("excuse")) else []


def _acknowledgement(after: Data, facts: FindingFacts) -> list[FindingProblem]:
    if not after.get("acknowledgement"):
        return []
    signature = facts.acknowledgement
    stands = (
        signature is not None
        and facts.id in signature["findings"]
        and signature["signer"] == after.get("responsible_person")
    )
    return [] if stands else [FindingProblem("wrong_signature", "acknowledgement")]


def _state(after: Data) -> list[FindingProblem]:
    state, breach = after.get("state"), after.get("class") != NO_BREACH
    signed = bool(after.get("acknowledgement")) or not after.get("responsible_person")
    if state not in UNSIGNED_STATES and not signed and breach:
        return [FindingProblem("signature_needed", "acknowledgement")]
    verdict = _newest_verdict(after)
    passed = state in ("verified", "closed") and breach
    if (passed and verdict is not True) or (state == "verification_failed" and verdict is not False):
        return [FindingProblem("verification_missing", "verifications")]
    return []


def _newest_verdict(finding: Data) -> bool | None:
    """Whether the newest correction was verified and passed; ``None``: it was not verified."""
    corrections = _elements(finding, "corrections")
    if not corrections:
        return None
    newest = corrections[-1]["id"]
    verdicts = [
        entry["value"]["passed"]
        for entry in _elements(finding, "verifications")
        if entry["value"]["correction"] == newest
    ]
    return verdicts[-1] if verdicts else None


def _entries(before: Data, after: Data, author: str) -> list[FindingProblem]:
    """What is appended is said in the author's own name, and nobody verifies what he corrected himself."""
    found = []
    for name, by in ENTRIES.items():
        fresh = _added(before, after, name)
        if any(entry["value"][by] != author for entry in fresh):
            found.append(FindingProblem("not_own_entry", name))
    correctors = {entry["id"]: entry["value"]["corrected_by"] for entry in _elements(after, "corrections")}
    for entry in _added(before, after, "verifications"):
        verification = entry["value"]
        if verification["correction"] not in correctors:
            found.append(FindingProblem("unknown_correction", "verifications"))
        elif correctors[verification["correction"]] == verification["verified_by"]:
            found.append(FindingProblem("corrector_verifies", "verifications"))
    return found


def _added(before: Data, after: Data, name: str) -> Iterable[Data]:
    known = {entry["id"] for entry in _elements(before, name)}
    return [entry for entry in _elements(after, name) if entry["id"] not in known]


def _elements(finding: Data, name: str) -> Sequence[Data]:
    return finding.get(name) or ()


def _blank(text: str | None) -> bool:
    return text is None or not text.strip()
