"""Headquarters and the projects as they were set up: everything that does not change by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from server.demo.directory import Directory
from server.demo.tables import HEADQUARTERS, table

Change = dict[str, Any]
Commit = dict[str, Any]
MOST_CHANGES = 150


def create(directory: Directory, kind: str, at: datetime, names: tuple[str, ...], fields: Change) -> Change:
    """A change that creates what was set up under these names; fields that are None are left out."""
    return {
        "id": directory.ids.at(at, "change", kind, *names),
        "op": "create",
        "kind": kind,
        "record": directory.record(kind, *names),
        "set": {name: value for name, value in fields.items() if value is not None},
    }


def commits(directory: Directory, space: str, changes: Iterable[Change]) -> Iterator[Commit]:
    """The changes in commits of the built-in device."""
    changes, number = iter(changes), 0
    while batch := list(islice(changes, MOST_CHANGES)):
        number += 1
        yield {
            "id": directory.ids.at(directory.set_up_at, "import", space, number),
            "made_at": directory.set_up_at.isoformat(timespec="milliseconds"),
            "clock": {"offset": 0.0, "jumped": False},
            "changes": batch,
        }


def headquarters(directory: Directory) -> Iterator[Change]:
    """Branches, people and roles, the standard, the tables of section 7 and the work calendar."""
    data = table("hq")
    for row in data["branches"]:
        yield _new(directory, "branch", (row["code"],), row)
    for row in data["staff"]:
        superior = directory.person(row["superior"]) if row["superior"] else None
        yield _person(directory, row, number=None, superior=superior)
    for row in data["staff"]:
        for role in row["roles"]:
            yield _role(directory, HEADQUARTERS, row["name"], role["role"], role.get("branch"))
    yield from _standard(directory)
    yield from _tables(directory)
    for year in table("calendar"):
        yield _new(directory, "work_calendar", (str(year["year"]),), year)


def _standard(directory: Directory) -> Iterator[Change]:
    data = table("standard")
    version = data["version"]
    heading = {name: data[name] for name in ("version", "name", "name_en", "effective_on")}
    yield _new(directory, "standard", (str(version),), {**heading, "state": "published"})
    for order, item in enumerate(data["items"], 1):
        fields = {"version": version, "discipline": item["code"][:2], "order": order, **item}
        yield _new(directory, "check_item", (item["code"],), fields)
    for post_type in data["post_types"]:
        yield _new(directory, "post_type", (post_type["code"],), {"version": version, **post_type})


def _tables(directory: Directory) -> Iterator[Change]:
    data = table("tables")
    classes = {"version": 1, "effective_on": directory.since.isoformat(), "rows": data["classes"]}
    yield _new(directory, "class_table", ("1",), classes)
    yield _new(directory, "disposition_table", ("1",), {"version": 1, "rows": data["dispositions"]})
    yield _new(directory, "attribution_table", ("1",), {"version": 1, "rows": data["attributions"]})


def project(directory: Directory, space: str, starts_on: str) -> Iterator[Change]:
    """One project centre with everybody and everything in it, each after what it refers to."""
    data = table(space)
    centre = {"active": True, "coverage_mode": "rolling", "coverage_start": starts_on, "grace_hours": 24}
    yield _new(directory, "project_centre", (space,), {**data["centre"], **centre})
    yield from _people(directory, space)
    for row in data["departments"]:
        head = directory.person(row["head"]) if row["head"] else None
        yield _new(directory, "department", (space, row["code"]), {**row, "head": head})
    for row in data["teams"]:
        fields = {name: row[name] for name in ("code", "name", "name_en")}
        fields["department"] = directory.record("department", space, row["department"])
        fields["lead"] = directory.person(row["lead"])
        yield _new(directory, "team", (space, row["code"]), fields)
    for row in data["suppliers"]:
        yield _new(directory, "supplier", (space, row["name"]), {**row, "active": True})
    yield from _items(directory, space)
    yield from _posts(directory, space)
    yield from _duties(directory, space)


def _people(directory: Directory, space: str) -> Iterator[Change]:
    data, numbers = table(space), iter(range(1, 1000))
    heads = {row["code"]: row["head"] for row in data["departments"]}

    def person(row: Change, **fields: Any) -> Change:
        number = f"{data['centre']['code']}-{next(numbers):03d}"
        return _person(directory, row, number=number, **fields)

    for row in data["staff"]:
        department = directory.record("department", space, row["department"]) if row["department"] else None
        superior = directory.person(row["superior"]) if row["superior"] else None
        yield person(row, department=department, superior=superior)
    for team in data["teams"]:
        own = {
            "team": directory.record("team", space, team["code"]),
            "department": directory.record("department", space, team["department"]),
        }
        lead = {"name": team["lead"], "title": "班组长", "title_en": "Team lead", "grade": "staff"}
        yield person(lead, **own, superior=directory.person(heads[team["department"]]))
        for name in team["members"]:
            member = {"name": name, "title": team["title"], "title_en": team["title_en"], "grade": "staff"}
            yield person(member, **own, superior=directory.person(team["lead"]))


def _items(directory: Directory, space: str) -> Iterator[Change]:
    for row in table(space)["items"]:
        fields = {name: row[name] for name in ("code", "name", "name_en")}
        if row["kind"] == "subcontract_item":
            fields["supplier"] = directory.record("supplier", space, row["supplier"])
            fields["owner"] = directory.person(row["inspector"])
        else:
            fields["appointed_inspector"] = directory.person(row["inspector"])
        yield _new(directory, row["kind"], (space, row["code"]), fields)


def _posts(directory: Directory, space: str) -> Iterator[Change]:
    since = directory.since.isoformat()
    for post in table(space)["posts"]:
        code = post["code"]
        belongs = "team" if "team" in post else "item"
        fields = {
            **{name: post[name] for name in ("code", "name", "name_en", "shift", "certificates")},
            belongs: directory.group(space, post[belongs]),
            "belongs_from": since,
            "post_type": post["type"],
            "holders": [
                {"id": directory.record("holder", code, name), "value": directory.person(name)}
                for name in post.get("holders", ())
            ],
            "effective_from": since,
        }
        yield _new(directory, "post", (space, code), fields)
        for number, (name, name_en, *off) in enumerate(post["areas"], 1):
            area = {
                "code": f"{code}-A{number}",
                "name": name,
                "name_en": name_en,
                "post": directory.record("post", space, code),
                "items_off": off[0] if off else None,
                "effective_from": since,
            }
            yield _new(directory, "area", (space, area["code"]), area)


def _duties(directory: Directory, space: str) -> Iterator[Change]:
    """Who holds which role here, and whose units are whose."""
    data, since = table(space), directory.since.isoformat()
    for row in data["staff"]:
        for role in row["roles"]:
            yield _role(directory, space, row["name"], role)
    for team in data["teams"]:
        yield _role(directory, space, team["lead"], "team_lead")
    for belongs, row, inspector in (
        *(("team", row, row["lead"]) for row in data["teams"]),
        *(("item", row, row["inspector"]) for row in data["items"]),
    ):
        fields = {
            "inspector": directory.person(inspector),
            belongs: directory.group(space, row["code"]),
            "starts_on": since,
        }
        yield _new(directory, "inspector_scope", (space, row["code"]), fields)


def _person(directory: Directory, row: Change, **fields: Any) -> Change:
    own = {name: row[name] for name in ("name", "title", "title_en", "grade")}
    return _new(directory, "person", (row["name"],), {**own, **fields, "active": True})


def _role(directory: Directory, space: str, name: str, role: str, branch: str | None = None) -> Change:
    fields = {
        "person": directory.person(name),
        "role": role,
        "branch": branch,
        "starts_on": directory.since.isoformat(),
    }
    return _new(directory, "role_assignment", (space, name, role), fields)


def _new(directory: Directory, kind: str, names: tuple[str, ...], fields: Change) -> Change:
    return create(directory, kind, directory.set_up_at, names, fields)
