"""Changes, commits and envelopes as devices make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.clock import Clock
from tests.people import Person

CLOCK = Clock()
MADE_AT = "2026-11-23T09:12:33+08:00"


def new_id() -> str:
    """A fresh UUIDv7."""
    return CLOCK.new_id()


def create(kind: str, fields: Mapping[str, Any], record: str | None = None, **more: Any) -> dict[str, Any]:
    """A create; its record id is fresh unless given."""
    head = {"id": new_id(), "op": "create", "kind": kind, "record": record or new_id()}
    return {**head, "set": dict(fields), **more}


def patch(
    kind: str, record: str, base: Mapping[str, str | None], fields: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    """A patch."""
    head = {"id": new_id(), "op": "patch", "kind": kind, "record": record}
    return {**head, "base": dict(base), "set": dict(fields), **more}


def commit(*changes: Mapping[str, Any], n: int | None = None, **more: Any) -> dict[str, Any]:
    """A commit; one of the server's own if it has no ``n``."""
    numbered = {} if n is None else {"n": n}
    clock = {"offset": 0.5, "jumped": False}
    return {"id": new_id(), **numbered, "made_at": MADE_AT, "clock": clock, "changes": list(changes), **more}


def envelope(person: Person, *commits: Any, device: str | None = None, unsent: int = 0) -> dict[str, Any]:
    """A push."""
    return {
        "device": device or person.tablet,
        "user": person.id,
        "protocol": 1,
        "device_time": CLOCK.text(),
        "unsent": unsent,
        "commits": list(commits),
    }


def project_centre(code: str, branch: str) -> dict[str, Any]:
    """A project with the usual settings of the three-working-day rule."""
    fields = {"code": code, "name": f"{code} 项目", "branch": branch, "active": True,
              "coverage_mode": "rolling", "coverage_start": "2026-11-02", "grace_hours": 24}  # fmt: skip
    return create("project_centre", fields)


def team(name: str = "保洁一班", code: str = "T07") -> dict[str, Any]:
    """A team: master data, kept by the centre director."""
    return create("team", {"code": code, "name": name})


def post(code: str = "P029", **fields: Any) -> dict[str, Any]:
    """A post, itself a coverage unit."""
    usual = {"code": code, "name": "1号楼保洁岗", "post_type": "clean_building", "shift": "day",
             "certificates": False, "effective_from": "2026-11-02"}  # fmt: skip
    return create("post", {**usual, **fields})


def inspection(person: Person, **fields: Any) -> dict[str, Any]:
    """A round of one business day."""
    usual = {"level": "daily", "inspector": person.id, "business_date": "2026-11-23", "unplanned": False,
             "started_at": MADE_AT, "state": "in_progress"}  # fmt: skip
    return create("inspection", {**usual, **fields})


def area_check(person: Person, inspection: str, post: str, **fields: Any) -> dict[str, Any]:
    """A complete check of a post that conforms."""
    usual = {"inspection": inspection, "unit": post, "post": post, "level": "daily", "inspector": person.id,
             "business_date": "2026-11-23", "standard_version": 1, "started_at": MADE_AT, "ended_at": MADE_AT,
             "results": [{"item": "CL-01", "result": "conform"}], "result": "conform"}  # fmt: skip
    return create("area_check", {**usual, **fields})


def finding(person: Person, check: str, post: str, **fields: Any) -> dict[str, Any]:
    """What was found, not yet evaluated."""
    usual = {"check": check, "unit": post, "post": post, "level": "daily", "item": "CL-04",
             "standard_version": 1, "found_by": person.id, "found_at": MADE_AT, "description": "墙面有污迹",
             "proposed_class": "GEN", "state": "open"}  # fmt: skip
    return create("finding", {**usual, **fields})


def person_record(person: Person) -> dict[str, Any]:
    """The record of somebody of the cast."""
    return create("person", {"name": person.name, "grade": "staff", "active": True}, person.id)


def role_records(person: Person, space: str) -> list[dict[str, Any]]:
    """The roles that somebody holds in one space."""
    return [
        create(
            "role_assignment",
            {
                "person": person.id, "role": role.role, "branch": role.branch, "starts_on": "2020-01-01",
                "ends_on": role.ends_on,
            },
        )
        for role in person.roles
        if role.space == space
    ]  # fmt: skip
