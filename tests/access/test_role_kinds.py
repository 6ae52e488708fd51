"""Every role × every kind × (create, change of each unit, delete), over real pushes, by the table (X-14)."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.catalogue import KINDS
from tests.access.kinds import FLAVOURS, OWNER, kinds, may
from tests.access.records import STRANGER, Shelf, example, home
from tests.access.roles import EVERY_ROLE, PEOPLE, sign_in_all
from tests.api.estate import Estate, Tablet
from tests.factories import create, new_id
from tests.people import HE_GUILAN, HEADQUARTERS, QINGYANLI


class Place:
    """The house, everybody, and records of every kind."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.tablets = sign_in_all(estate)
        self.shelf = Shelf(estate.tablet(HE_GUILAN))
        estate.bring(QINGYANLI, *self.shelf.stock())
        self.shared = {kind: self._records(kind, "foreign", STRANGER) for kind in KINDS if kind != CONFLICT}

    def _records(self, kind: str, flavour: str, owner: str) -> dict[str, dict[str, Any]]:
        """One record for each unit of a kind, so that what parks holds up nothing else."""
        level = "weekly" if flavour == "weekly" else "daily"
        made = {unit: self.shelf.create(kind, owner, level) for unit in KINDS[kind].units}
        self.estate.bring(home(kind), *made.values())
        return made

    def of(self, role: str, kind: str, flavour: str) -> dict[str, dict[str, Any]]:
        """The records that a role tries its rights on."""
        if flavour == "foreign":
            return self.shared[kind]
        return self._records(kind, flavour, PEOPLE[role].id)


CONFLICT = "sync_conflict"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    estate = Estate(tmp_path_factory.mktemp("kinds") / "data", "2026-11-03T10:00:00+08:00")
    yield Place(estate)
    estate.close()


def flavours(kind: str) -> tuple[str, ...]:
    """``foreign`` alone where it does not matter whose a record is."""
    return FLAVOURS[: 3 if "level" in KINDS[kind].fields else 2] if kind in OWNER else ("foreign",)


def judged(tablet: Tablet, space: str, changes: dict[Any, dict[str, Any]]) -> dict[Any, str]:
    """What became of each change, as a commit of its own: ``yes``, or why it was parked."""
    answer = tablet.post(f"/sync/{space}/push", json=tablet.envelope(*map(tablet.commit, changes.values())))
    if answer.status_code == 404:  # not even the space
        return dict.fromkeys(changes, "forbidden")
    assert answer.status_code == 200, answer.text
    results = answer.get_json()["results"]
    return {key: _verdict(result) for key, result in zip(changes, results, strict=True)}


def _verdict(result: dict[str, Any]) -> str:
    return "yes" if result["status"] != "parked" else str(result["reason"]["code"])


def test_every_kind_has_lines_or_is_written_by_the_engine_alone():
    assert kinds() | {CONFLICT} == set(KINDS), "a kind without a line in TABLE of tests/access/kinds.py"


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_create(place, role):
    changes, wanted = {}, {}
    for kind in KINDS:
        if kind == CONFLICT:
            continue
        for flavour in flavours(kind):
            owner = STRANGER if flavour == "foreign" else PEOPLE[role].id
            level = "weekly" if flavour == "weekly" else "daily"
            changes[kind, flavour] = place.shelf.create(kind, owner, level)
            wanted[kind, flavour] = may(role, kind, "create", flavour)
    compare(place, role, changes, wanted, "create")


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_change_of_each_unit(place, role):
    changes, wanted = {}, {}
    for kind in KINDS:
        for flavour in flavours(kind) if kind != CONFLICT else ():
            for unit, made in place.of(role, kind, flavour).items():
                changes[kind, flavour, unit] = place.shelf.change(made, unit, PEOPLE[role].id)
                wanted[kind, flavour, unit] = may(role, kind, unit, flavour)
    compare(place, role, changes, wanted, "change")


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_nobody_deletes(place, role):
    changes = {
        kind: {
            "id": new_id(),
            "op": "delete",
            "kind": kind,
            "record": made["record"],
            "base": {"*": made["id"]},
        }
        for kind, records in place.shared.items()
        for made in [next(iter(records.values()))]
    }
    for space in (QINGYANLI, HEADQUARTERS):
        here = {kind: change for kind, change in changes.items() if home(kind) == space}
        verdicts = judged(place.tablets[role], space, here)
        # Whoever does not read a record is not told that there is one.
        assert set(verdicts.values()) <= {"not_deletable", "not_found", "waiting", "forbidden"}


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_nobody_writes_a_conflict(place, role):
    verdicts = judged(place.tablets[role], QINGYANLI, {"x": create(CONFLICT, example(CONFLICT))})
    assert verdicts["x"] in ("server_only", "forbidden")


def test_the_built_in_device_creates_everything(place):
    for kind in place.shared:
        place.estate.bring(home(kind), place.shelf.create(kind, STRANGER))


def compare(
    place: Place,
    role: str,
    changes: dict[Any, dict[str, Any]],
    wanted: dict[Any, bool],
    act: str,
) -> None:
    """Push everything and hold it against the table; every difference is named."""
    found: dict[Any, str] = {}
    for space in (QINGYANLI, HEADQUARTERS):
        here = {key: change for key, change in changes.items() if home(key[0]) == space}
        found |= judged(place.tablets[role], space, here)
    wrong = [f"{role} {act} {key}: {found[key]}, wanted {wanted[key]}" for key in changes
             if not fits(found[key], wanted[key])]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def fits(verdict: str, wanted: bool) -> bool:
    """Whether what became of it is what the table says."""
    if wanted:
        return verdict == "yes"
    # Who may not even read it (a signature) hears that there is none.
    return verdict in ("forbidden", "not_found")
