"""Every named case of the three-working-day rule, as vitest runs them too (Q1-4.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.rules.breaches import breaches
from server.rules.business_date import due_ends_at
from server.rules.coverage import judge, post_states
from server.rules.coverage_facts import DeviceFacts
from server.rules.unit_facts import UnitRecords, unit_facts
from tests.rules.cases import (
    COVERAGE,
    calendar_of,
    day,
    devices_of,
    instant,
    named,
    picked,
    read,
    settings_of,
    units_of,
)

RECORDS = read("unit_facts")


@pytest.mark.parametrize("case", named(COVERAGE["cases"]))
def test_case(case):
    for moment in case["at"]:
        now = instant(moment["now"])
        states = judge(units_of(case), devices_of(case, now), settings_of(case), calendar_of(case), now)
        compare(moment, "unit", moment.get("units", {}), states)
        compare(moment, "post", moment.get("posts", {}), post_states(states))


def compare(moment, key, expected, answers):
    found = {getattr(answer, key): answer for answer in answers}
    for name, fields in expected.items():
        if fields is None:
            assert name not in found, (moment["now"], name)
        else:
            assert {name: picked(found[name], fields)} == {name: fields}, moment["now"]


@pytest.mark.parametrize("row", COVERAGE["due_table"], ids=lambda row: row["last"])
def test_table_of_the_domain_guide(row):
    case = {"units": [{"checks": [{"ended_at": f"{row['last']}T12:00:00+08:00"}]}]}
    ends_at = due_ends_at(day(row["due_on"]), "day")

    def state_at(now):
        devices = {"he": [DeviceFacts(unsent_zero_at=ends_at)]}
        [state] = judge(units_of(case), devices, settings_of(case), calendar_of(), now)
        assert state.due_on == day(row["due_on"])
        return state.state

    assert state_at(instant(f"{row['last']}T12:00:00+08:00")) == "covered"
    assert state_at(ends_at - timedelta(seconds=1)) == "due_soon"
    assert state_at(ends_at) == "overdue"


@pytest.mark.parametrize("case", named(read("breaches")["cases"]))
def test_breaches(case):
    for moment in case["at"]:
        now = instant(moment["now"])
        found = breaches(units_of(case), devices_of(case, now), settings_of(case), calendar_of(case), now)
        expected = moment["breaches"]
        assert len(found) == len(expected), (moment["now"], found)
        for breach, fields in zip(found, expected, strict=True):
            assert picked(breach, fields) == fields, moment["now"]


@pytest.mark.parametrize("moment", RECORDS["at"], ids=lambda moment: moment["now"])
def test_facts_from_records(moment):
    records = RECORDS["records"]
    facts = unit_facts(
        UnitRecords(
            posts=records["posts"],
            areas=records["areas"],
            scopes=list(records["scopes"].values()),
            deputies=list(records["deputies"].values()),
            pauses=list(records["pauses"].values()),
            checks=records["checks"],
            void=frozenset(RECORDS["void"]),
        )
    )
    states = judge(facts, {}, settings_of(RECORDS), calendar_of(), instant(moment["now"]))
    compare(moment, "unit", moment["units"], states)
