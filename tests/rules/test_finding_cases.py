"""Findings and their deadlines, by the cases that vitest runs too (Q1-3.4, Q1-4.4o to 4.6f)."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from schemas.signing import ENTRY_AUTHORS
from server.rules.deadlines import due_at
from server.rules.findings import ENTRIES, FindingFacts, finding_problems
from tests.rules.cases import instant, named, read

FINDINGS = read("findings")


@pytest.mark.parametrize("case", named(FINDINGS["cases"]))
def test_finding(case):
    facts = FindingFacts(**{"id": "f1", "author": None, **FINDINGS["tables"], **case["facts"]})
    found = finding_problems(case["before"], case["after"], facts)
    assert [asdict(problem) for problem in found] == case["problems"]


def test_entries_are_those_of_the_contract():
    assert ENTRY_AUTHORS["finding"] == ENTRIES


@pytest.mark.parametrize("case", named(read("deadlines")))
def test_deadline(case):
    found = due_at(
        case["grade"], case["disposition"], instant(case["at"]), case["shift"], supplied=case["supplied"]
    )
    assert found == (case["due_at"] and instant(case["due_at"]))
