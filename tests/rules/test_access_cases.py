"""Rights, steps and who is in charge, by the cases that vitest runs too (Q1-2.1, Q1-3.4.2a, X-14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from schemas.access import ACCESS
from schemas.catalogue import KINDS
from schemas.lifecycles import LIFECYCLES
from server.rules.authority import Act, Authority
from server.rules.in_charge import in_charge
from tests.rules.cases import named, read

AUTHORITY = Authority(ACCESS, LIFECYCLES, {name: spec.kind.spaces for name, spec in KINDS.items()})
CASES = read("access")
CHARGES = read("in_charge")


def refused(case: Mapping[str, Any], op: str, units: tuple[str, ...], before: Any, after: Any) -> list[str]:
    """What speaks against it, as the cases write it: the code, and the field if one is named."""
    who = case["who"]
    act = Act(
        kind=case["kind"],
        op=op,
        units=units,
        user=who["user"],
        roles=frozenset(who["roles"]),
        by_server=False,
        space_type=KINDS[case["kind"]].kind.spaces[-1],
        before=before,
        after=after,
        in_charge=lambda: who.get("in_charge", False),
    )
    return [refusal.code + (f":{refusal.field}" if refusal.field else "") for refusal in AUTHORITY.judge(act)]


def data_of(case: Mapping[str, Any]) -> dict[str, Any]:
    data = case["data"]
    found: dict[str, Any] = CASES["records"][data] if isinstance(data, str) else data
    return found


@pytest.mark.parametrize("case", named(CASES["create"]))
def test_create(case):
    assert refused(case, "create", (), None, data_of(case)) == case["refused"]


@pytest.mark.parametrize("case", named(CASES["patch"]))
def test_patch(case):
    data = data_of(case)
    found = refused(case, "patch", (case["unit"],), data, data)
    assert found == ([] if case["gives"] else ["forbidden"])


@pytest.mark.parametrize("case", named(case for case in CASES["step"] if case["refused"] is not None))
def test_step(case):
    data = data_of(case)
    field = LIFECYCLES[case["kind"]].field
    unit = KINDS[case["kind"]].unit_of[field]
    assert refused(case, "patch", (unit,), data, {**data, field: case["target"]}) == case["refused"]


def test_what_has_no_life_cycle_is_no_step():
    assert [case["kind"] for case in CASES["step"] if case["refused"] is None] == ["photo"]
    assert "photo" not in LIFECYCLES


@pytest.mark.parametrize("case", named(CHARGES["cases"]))
def test_in_charge(case):
    found = in_charge(
        case["user"],
        case["finding"],
        case["post"],
        CHARGES["scopes"],
        CHARGES["deputies"],
        case.get("day", CHARGES["day"]),
    )
    assert found is case["gives"]
