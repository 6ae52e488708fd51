"""Who may do what, and which steps a life cycle allows, over the contract's own tables and small ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from schemas.access import ACCESS
from schemas.catalogue import KINDS
from schemas.lifecycles import LIFECYCLES
from server.rules.authority import Act, Authority, filled_in_states

AUTHORITY = Authority(ACCESS, LIFECYCLES, {name: spec.kind.spaces for name, spec in KINDS.items()})
CHECK = {"level": "daily", "inspector": "he", "state": "in_progress"}
FINDING = {"level": "daily", "found_by": "he", "state": "open", "class": None, "note": "裂缝"}
EVALUATED = {**FINDING, "state": "evaluated", "class": "GEN", "attribution": "team", "present": "present"}


def act(kind: str, op: str, before: Any, after: Any, **more: Any) -> Act:
    """何桂兰, a team lead of a project, does it."""
    usual: dict[str, Any] = {"units": (), "user": "he", "roles": {"team_lead"}, "by_server": False,
                             "space_type": "project"}  # fmt: skip
    return Act(kind=kind, op=op, before=before, after=after, **{**usual, **more})


def codes(*args: Any, **more: Any) -> list[str]:
    """The codes of what speaks against it."""
    return [refusal.code for refusal in AUTHORITY.judge(act(*args, **more))]


@pytest.mark.parametrize(
    ("after", "roles", "refused"),
    [
        (CHECK, {"team_lead"}, []),
        (CHECK, {"subcontract_owner", "hr"}, []),
        (CHECK, {"hr"}, ["forbidden"]),
        (CHECK, set(), ["forbidden"]),
        ({**CHECK, "inspector": "tang"}, {"team_lead"}, ["forbidden"]),
        ({**CHECK, "inspector": None}, {"team_lead"}, ["forbidden"]),
        ({**CHECK, "level": "weekly"}, {"team_lead"}, ["forbidden"]),
    ],
)
def test_a_daily_round_is_its_inspectors_own(after: Any, roles: set[str], refused: list[str]):
    """Q1-4.1, Q1-4.2."""
    assert codes("inspection", "create", None, after, roles=roles) == refused


def test_nobody_takes_a_record_over_by_writing_his_name_into_it():
    foreign = {**CHECK, "inspector": "tang"}
    assert codes("inspection", "patch", foreign, CHECK, units={"unplanned"}) == ["forbidden"]


def test_each_unit_has_its_own_right():
    """Q1-3.4.2a, Q1-3.2.4a: whoever is in charge and higher levels evaluate, others comment or only read."""
    cases = {
        ("evaluation", "quality_staff"): [],
        ("evaluation", "supervisor"): [],
        ("evaluation", "team_lead"): ["forbidden"],
        ("comments", "weekly_statistician"): [],
        ("comments", "hr"): ["forbidden"],
        ("note", "hr"): ["forbidden"],
        ("note", "team_lead"): ["forbidden"],
    }
    for (unit, role), refused in cases.items():
        found = codes("finding", "patch", FINDING, FINDING, units={unit}, roles={role}, user="somebody")
        assert found == refused, (unit, role)


def test_who_is_in_charge_follows_a_daily_finding_up():
    def patch(unit: str, **more: Any) -> list[str]:
        return codes("finding", "patch", FINDING, FINDING, units={unit}, roles={"deputy"}, **more)

    assert patch("evaluation", in_charge=lambda: True) == []
    assert patch("note", in_charge=lambda: False) == ["forbidden"]


def test_one_forbidden_unit_names_itself():
    [refusal] = AUTHORITY.judge(
        act("area_check", "patch", {**CHECK}, {**CHECK}, units={"remark", "result"}, roles={"team_lead"})
    )
    assert refusal.detail == "area_check.result"


def test_what_has_no_grant_belongs_to_nobody():
    assert codes("finding", "delete", FINDING, None) == ["forbidden"]
    assert codes("sync_conflict", "create", None, {}, roles={"administrator"}) == ["forbidden"]
    assert (
        Authority({}, {}, {"ghost": ("project",)}).judge(act("ghost", "create", None, {}))[0].code
        == "forbidden"
    )


def test_a_kind_is_created_where_it_belongs():
    assert codes("standard", "create", None, {}, roles={"administrator"}) == ["wrong_space"]
    assert codes("standard", "create", None, {}, roles={"administrator"}, space_type="headquarters") == []
    assert codes("standard", "create", None, {}, by_server=True) == ["wrong_space"]


def test_the_server_has_every_right_but_keeps_to_the_life_cycle():
    assert codes("team", "create", None, {}, roles=(), by_server=True) == []
    assert codes("finding", "create", None, EVALUATED, by_server=True) == []
    assert codes("finding", "patch", EVALUATED, {**EVALUATED, "state": "verified"}, by_server=True) == [
        "transition_not_allowed"
    ]


def test_a_record_begins_where_its_life_cycle_does():
    assert codes("finding", "create", None, EVALUATED) == ["transition_not_allowed"]


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (FINDING, EVALUATED, []),
        (FINDING, {**EVALUATED, "class": None}, ["field_required"]),
        (FINDING, {**EVALUATED, "class": None, "present": ""}, ["field_required", "field_required"]),
        (FINDING, {**FINDING, "state": "closed"}, ["transition_not_allowed"]),
        (EVALUATED, {**EVALUATED, "state": "correcting"}, ["field_required"]),
        (EVALUATED, {**EVALUATED, "state": "correcting", "disposition": "redo"}, []),
        (EVALUATED, {**EVALUATED, "state": "conceded"}, ["forbidden"]),
        (EVALUATED, {**EVALUATED, "class": None}, ["field_required"]),
        (FINDING, {**FINDING, "note": None}, []),
    ],
)
def test_steps_and_what_they_ask_for(before: Any, after: Any, refused: list[str]):
    """Q1-4.5, Q1-4.6."""
    assert codes("finding", "patch", before, after) == refused


def test_a_step_names_the_field_that_is_missing():
    [refusal] = AUTHORITY.judge(act("finding", "patch", FINDING, {**EVALUATED, "attribution": None}))
    assert (refusal.field, refusal.detail) == ("attribution", "finding.attribution")


@pytest.mark.parametrize(
    ("state", "roles", "refused"),
    [
        ("conceded", {"team_lead"}, ["forbidden"]),
        ("conceded", {"supervisor"}, ["forbidden"]),
        ("conceded", {"centre_director"}, []),
        ("correcting", {"team_lead"}, []),
        ("evaluated", {"team_lead"}, []),
        ("nowhere", {"team_lead"}, []),
    ],
)
def test_a_state_that_is_held_back_must_be_in_reach_of_the_author(state: str, roles: set[str], refused: Any):
    """The record stays as it is; what was wanted would compete, and a reviewer could choose it."""
    found = codes("finding", "patch", EVALUATED, EVALUATED, units={"state"}, roles=roles,
                  in_charge=lambda: True, wanted={"state": state})  # fmt: skip
    assert found == refused


def test_a_judging_step_names_what_it_judges():
    corrected = {**EVALUATED, "state": "corrected"}
    judged = AUTHORITY.judged_units("finding", corrected, {**corrected, "state": "verified"})
    assert judged == ("corrections",)
    assert AUTHORITY.judged_units("finding", corrected, corrected) == ()
    assert AUTHORITY.judged_units("finding", None, corrected) == ()
    assert AUTHORITY.judged_units("team", {}, {}) == ()


@dataclass(frozen=True)
class Step:
    source: str
    target: str
    roles: tuple[str, ...] = ("team_lead",)
    requires: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cycle:
    initial: tuple[str, ...]
    transitions: tuple[Step, ...]
    field: str = "state"


def test_a_state_keeps_what_every_way_to_it_asked_for():
    cycle = Cycle(
        ("open",),
        (
            Step("open", "left", requires=("a", "b")),
            Step("open", "right", requires=("b", "c")),
            Step("left", "end", requires=("d",)),
            Step("right", "end", requires=("d",)),
            Step("end", "open"),
            Step("end", "end", requires=("z",)),
        ),
    )
    assert filled_in_states(cycle) == {
        "open": frozenset(), "left": {"a", "b"}, "right": {"b", "c"}, "end": {"b", "d"},
    }  # fmt: skip
