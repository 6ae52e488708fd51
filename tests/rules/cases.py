"""Reads `server/rules/cases/*.json`, which pytest and vitest share, and makes facts of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from server.rules.business_date import business_date
from server.rules.calendar import WorkCalendar
from server.rules.coverage_facts import (
    CheckFacts,
    CoverageSettings,
    DeputyFacts,
    DeviceFacts,
    PauseFacts,
    ScopeFacts,
    UnitFacts,
)

FOLDER = Path(__file__).parents[2] / "server" / "rules" / "cases"


def read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


YEARS = read("work_calendar")
COVERAGE = read("coverage")
DEFAULTS = COVERAGE["defaults"]


def named(cases: Iterable[dict[str, Any]]) -> list[Any]:
    """Cases as pytest parameters under their own names."""
    return [pytest.param(case, id=case["name"]) for case in cases]


def calendar_of(case: dict[str, Any] | None = None) -> WorkCalendar:
    case = case or {}
    return WorkCalendar([*YEARS, *case.get("years", ())], case.get("overrides", ()))


def settings_of(case: dict[str, Any]) -> CoverageSettings:
    data = {**DEFAULTS["settings"], **case.get("settings", {})}
    return CoverageSettings(
        coverage_start=day(data["coverage_start"]),
        mode=data["mode"],
        cycle_anchor=day_or_none(data["cycle_anchor"]),
        grace_hours=data["grace_hours"],
    )


def units_of(case: dict[str, Any]) -> list[UnitFacts]:
    return [_unit({**DEFAULTS["unit"], **data}) for data in case["units"]]


def devices_of(case: dict[str, Any], now: datetime) -> dict[str, list[DeviceFacts]]:
    """The server's view of ``own``: the device has just reported."""
    devices = case.get("devices", {})
    if devices == "own":
        return {"he": [DeviceFacts(unsent_zero_at=now)]}
    return {
        person: [
            DeviceFacts(
                last_contact_at=instant_or_none(row.get("last_contact_at")),
                unsent_zero_at=instant_or_none(row.get("unsent_zero_at")),
                earlier_zeros=[instant(value) for value in row.get("earlier_zeros", ())],
            )
            for row in rows
        ]
        for person, rows in devices.items()
    }


def _unit(data: dict[str, Any]) -> UnitFacts:
    return UnitFacts(
        unit=data["unit"],
        post=data["post"],
        area=data["area"],
        shift=data["shift"],
        effective_from=day(data["effective_from"]),
        effective_until=day_or_none(data["effective_until"]),
        scopes=[
            ScopeFacts(row["inspector"], day(row["starts_on"]), day_or_none(row.get("ends_on")))
            for row in data["scopes"]
        ],
        deputies=[
            DeputyFacts(row["inspector"], row["deputy"], day(row["starts_on"]), day(row["ends_on"]))
            for row in data["deputies"]
        ],
        pauses=[PauseFacts(day(row["starts_on"]), day_or_none(row.get("ends_on"))) for row in data["pauses"]],
        checks=[_check({**DEFAULTS["check"], **row}, data["shift"]) for row in data["checks"]],
    )


def _check(row: dict[str, Any], shift: str) -> CheckFacts:
    ended_at = instant(row["ended_at"])
    return CheckFacts(
        id=row["id"],
        by=row["by"],
        ended_at=ended_at,
        business_date=business_date(ended_at, shift),
        arrived_at=instant_or_none(row["arrived_at"]),
        complete=row["complete"],
        level=row["level"],
    )


def day(text: str) -> date:
    return date.fromisoformat(text)


def day_or_none(text: str | None) -> date | None:
    return None if text is None else day(text)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def instant_or_none(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


def plain(value: Any) -> Any:
    """A value as the cases write it: days and instants as text, tuples as lists."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def picked(answer: Any, names: Any) -> dict[str, Any]:
    """Those fields of an answer that a case names."""
    return {name: plain(getattr(answer, name)) for name in names}
