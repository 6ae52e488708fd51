"""What people at desks do meanwhile, through the same interface as everybody: roles, devices, conflicts."""

from __future__ import annotations

from tests.factories import commit, create, envelope, new_id, patch
from tests.people import QINGYANLI, Person
from tests.simulation.client.hall import Desk

_ENDED = "2020-01-02"
_number = iter(range(1, 1_000_000))


def push(desk: Desk, *changes: dict[str, object]) -> str:
    """One commit from a desk; its status."""
    made = commit(*changes, n=next(_number))
    answer = desk.post(f"/sync/{QINGYANLI}/push", envelope(desk.person, made))
    assert answer.status_code == 200, answer.text
    [result] = answer.json()["results"]
    return str(result["status"])


def end_role(admin: Desk, person: Person) -> None:
    """All roles of somebody end."""
    for row in admin.pull(QINGYANLI)["records"].values():
        if row["kind"] == "role_assignment" and row["data"]["person"] == person.id:
            if row["data"].get("ends_on") == _ENDED:
                continue
            base = {"period": row["versions"].get("period", row["created_by_change"])}
            ended = patch("role_assignment", row["id"], base, {"ends_on": _ENDED})
            assert push(admin, ended) == "applied"


def give_role(admin: Desk, person: Person) -> None:
    """Somebody leads a team again."""
    role = {"person": person.id, "role": "team_lead", "starts_on": "2020-01-01"}
    assert push(admin, create("role_assignment", role)) == "applied"


def set_device(admin: Desk, device: str, state: str) -> None:
    """A tablet is revoked, or declared lost."""
    answer = admin.post(f"/devices/{device}/state", {"state": state, "reason": "手续"})
    assert answer.status_code == 200, answer.text


def review(reviewer: Desk, pick: int) -> None:
    """The reviewer decides one open conflict for one of its sides, or about a parked commit."""
    open_ = reviewer.get("/conflicts")["conflicts"]
    if not open_ or pick % 3 == 0:
        review_parked(reviewer, pick)
        return
    conflict = reviewer.get(f"/conflicts/{open_[pick % len(open_)]['id']}")
    sides = [conflict["current"], *conflict["rivals"]]
    decision = {"commit": new_id(), "seen": conflict["seen"], "value": sides[pick % len(sides)]["value"],
                "reason": "现场核实"}  # fmt: skip
    answer = reviewer.post(f"/conflicts/{conflict['row']['id']}/resolve", decision)
    assert answer.status_code in (200, 409, 422), answer.text


def review_parked(reviewer: Desk, pick: int) -> None:
    """The reviewer has a parked commit judged anew, or gives it up for good."""
    parked = reviewer.get("/parked")["parked"]
    if not parked:
        return
    path = f"/parked/{parked[pick % len(parked)]['id']}"
    again = pick % 2 == 0
    answer = (
        reviewer.post(f"{path}/retry", {}) if again else reviewer.post(f"{path}/discard", {"reason": "重复"})
    )
    assert answer.status_code in (200, 404, 409), answer.text
