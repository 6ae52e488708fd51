"""The contract agrees with itself: policies, groups, rights, life cycles and references name what exists."""

import pytest

from schemas.access import ACCESS
from schemas.catalogue import KINDS
from schemas.fields import Code, Elements, Struct
from schemas.lifecycles import LIFECYCLES
from schemas.record import KindSpec
from schemas.roles import ROLES
from schemas.signing import ENTRY_AUTHORS, SIGNED_LINES

POLICIES = {"review", "union", "append", "worst", "last", "once"}


@pytest.mark.parametrize("spec", KINDS.values(), ids=lambda spec: spec.name)
class TestKind:
    def test_every_field_has_one_unit_with_a_known_policy(self, spec: KindSpec) -> None:
        assert set(spec.unit_of) == set(spec.fields)
        assert {unit.merge for unit in spec.units.values()} <= POLICIES

    def test_worst_units_say_what_is_worse(self, spec: KindSpec) -> None:
        for unit in spec.units.values():
            assert (unit.merge == "worst") == bool(unit.severity)

    def test_references_point_to_kinds(self, spec: KindSpec) -> None:
        assert {kind for targets in spec.refs.values() for kind in targets} <= set(KINDS)

    def test_clear_columns_are_unit_and_due_only(self, spec: KindSpec) -> None:
        assert set(spec.kind.clear) <= {"unit", "due"}
        assert set(spec.kind.clear.values()) <= set(spec.fields)

    def test_rights_name_roles_units_and_fields_that_exist(self, spec: KindSpec) -> None:
        rights = ACCESS[spec.name]
        grants = [*rights.create, *rights.delete, *(grant for _, some in rights.patch for grant in some)]
        assert {role for grant in grants for role in grant.roles} <= set(ROLES)
        assert {grant.own for grant in grants} - {None} <= set(spec.fields)
        assert {unit for unit, _ in rights.patch} - {"*"} <= set(spec.units)
        assert bool(rights.delete) == spec.kind.deletable


def test_what_a_signature_binds_exists() -> None:
    for kind, lines in SIGNED_LINES.items():
        for unit, fields in lines:
            assert set(fields) <= set(KINDS[kind].units[unit].fields)
    for kind, entries in ENTRY_AUTHORS.items():
        for name, author in entries.items():
            field = KINDS[kind].fields[name]
            assert isinstance(field, Elements)
            assert isinstance(field.value, Struct)
            assert author in field.value.schema.fields


def test_access_covers_every_kind() -> None:
    assert set(ACCESS) == set(KINDS)


@pytest.mark.parametrize("name", LIFECYCLES)
def test_life_cycles_match_the_field_that_holds_them(name: str) -> None:
    cycle, spec = LIFECYCLES[name], KINDS[name]
    state = spec.fields[cycle.field]
    assert isinstance(state, Code)
    assert set(cycle.states) <= set(state.choices)
    for step in cycle.transitions:
        assert set(step.roles) <= set(ROLES)
        assert set(step.requires) <= set(spec.fields)
        assert set(step.judges) <= set(spec.units)


@pytest.mark.parametrize("name", LIFECYCLES)
def test_every_state_can_be_reached(name: str) -> None:
    cycle = LIFECYCLES[name]
    reached = set(cycle.initial)
    while grown := {step.target for step in cycle.transitions if step.source in reached} - reached:
        reached |= grown
    assert reached == set(cycle.states)
