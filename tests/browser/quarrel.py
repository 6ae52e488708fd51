"""Devices that disagree with each other, over the server's own interface: something to decide at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import requests

from tests.browser.house import House
from tests.factories import area_check, inspection, new_id, patch
from tests.signing import DeviceKey, signed_record, snapshot

SPACE = "qyl"
SHANGHAI = timezone(timedelta(hours=8))
EVALUATED = {"class": "GEN", "attribution": "team", "disposition": "correct_by"}


class Device:
    """A tablet of somebody, with its own number of commits; ``key`` makes it one that can sign."""

    def __init__(self, house: House, username: str, name: str, key: DeviceKey | None = None) -> None:
        self.house, self.http, self.n, self.id = house, requests.Session(), 0, new_id()
        self.key = key
        device: dict[str, Any] = {"id": self.id, "name": name}
        if key is not None:
            device["public_key"] = key.jwk
        body: dict[str, Any] = {"username": username, "password": "demo", "device": device}
        answer = self.http.post(f"{house.address}/api/v1/session", json=body, timeout=20)
        answer.raise_for_status()
        self.user = answer.json()["user"]
        self.http.cookies.clear()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def get(self, path: str) -> Any:
        answer = self.http.get(f"{self.house.address}/api/v1{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Mapping[str, Any]) -> requests.Response:
        return self.http.post(f"{self.house.address}/api/v1{path}", json=body, timeout=30)

    def push(self, *changes: Mapping[str, Any], hours_ago: float = 0, offset: float = 0) -> dict[str, Any]:
        """One commit, made some hours ago by a clock that is ``offset`` seconds ahead; its result."""
        self.n += 1
        now = datetime.now(SHANGHAI)
        made = now - timedelta(hours=hours_ago) + timedelta(seconds=offset)
        commit = {"id": new_id(), "n": self.n, "made_at": made.isoformat(timespec="seconds"),
                  "clock": {"offset": offset, "jumped": False}, "changes": list(changes)}  # fmt: skip
        body = {"device": self.id, "user": self.user["id"], "protocol": 1, "unsent": 0,
                "device_time": now.isoformat(timespec="milliseconds"), "commits": [commit]}  # fmt: skip
        answer = self.post(f"/sync/{SPACE}/push", body)
        answer.raise_for_status()
        [result] = answer.json()["results"]
        return dict(result)


@dataclass
class Quarrel:
    """What there is to decide: open findings of T07, tablets, and the conflicts that came of them."""

    lead: Device
    director: Device
    conflicts: dict[str, str]
    revoked: str


def evaluate(finding: Mapping[str, Any], base: str | None = None, **fields: Any) -> dict[str, Any]:
    """Evaluates a pulled finding; ``base`` of the evaluation."""
    due = (datetime.now(SHANGHAI) + timedelta(days=3)).replace(hour=18, minute=0, second=0)
    state = finding["versions"].get("state", finding["created_by_change"])
    given = {**EVALUATED, "responsible_person": finding["data"]["found_by"], "present": "present",
             "due_at": due.isoformat(timespec="seconds"), "state": "evaluated", **fields}  # fmt: skip
    return patch("finding", finding["id"], {"evaluation": base, "state": state}, given)


def quarrel(house: House) -> Quarrel:
    """Tablets disagree about a class, three about another, about a note, and after a signature; something is
    parked, and a revoked tablet hands in what it had."""
    lead, director = Device(house, "t07", "保洁平板 07"), Device(house, "director", "主任平板 01")
    others = [Device(house, "gm", "总经理平板"), Device(house, "leader", "分管平板")]
    findings = open_findings(house, lead)
    conflicts: dict[str, str] = {}
    first, second, third, fourth = findings[:4]
    lead.push(evaluate(first), hours_ago=6.7)
    # The same step of the state, so that the class alone is disputed; with a note that merges by itself.
    late = evaluate(first, **{"class": "SER"})
    late["base"]["note"], late["set"]["note"] = first["versions"].get("note"), "裂缝约 20 厘米，请工程查看"
    conflicts["class"] = director.push(late, hours_ago=6.5, offset=41)["conflicts"][0]
    lead.push(evaluate(second), hours_ago=3)
    for rival, (device, level) in enumerate(zip([director, *others], ("MIN", "SER", "CRI"), strict=True)):
        result = device.push(evaluate(second, **{"class": level}), hours_ago=2 - rival / 2)
        conflicts["three"] = result["conflicts"][0]
    note = third["versions"].get("note")
    lead.push(patch("finding", third["id"], {"note": note}, {"note": "当班已擦净，待复查"}), hours_ago=2)
    text = "擦拭后仍有水渍，须更换清洁剂再做一次；同一位置上周也出现过"
    written = patch("finding", third["id"], {"note": note}, {"note": text})
    conflicts["note"] = director.push(written, hours_ago=1, offset=-760)["conflicts"][0]
    conflicts["signed"] = after_signature(house, fourth, director)
    visit = inspection(SimpleNamespace(id=lead.user["id"]))  # type: ignore[arg-type]
    lead.push(visit, area_check(SimpleNamespace(id=lead.user["id"]), visit["record"], new_id()))  # type: ignore[arg-type]
    return Quarrel(lead, director, conflicts, revoked(house, findings[4:]))


def open_findings(house: House, lead: Device) -> list[dict[str, Any]]:
    """Findings of 何桂兰's that nobody has evaluated; those with photos first."""
    rows = house.client("reviewer").of_kind(SPACE, "finding")
    mine = [row for row in rows
            if row["data"]["found_by"] == lead.user["id"] and row["data"]["state"] == "open"]  # fmt: skip
    return sorted(mine, key=lambda row: (not row["data"].get("photos"), row["id"]))


def after_signature(house: House, finding: Mapping[str, Any], director: Device) -> str:
    """Signed on 何桂兰's other tablet; then the director changes the class."""
    key = DeviceKey()
    tablet = Device(house, "t07", "保洁平板 08", key)
    client = house.client("t07")
    tablet.push(evaluate(finding, attribution="personal", responsible_person=tablet.user["id"]), hours_ago=1)
    pulled = {row["id"]: row for row in [*client.pull("hq"), *client.pull(SPACE)]}
    signer = SimpleNamespace(**tablet.user)
    shown = snapshot(pulled, [finding["id"]], new_id(), signer, signer, tablet.id)  # type: ignore[arg-type]
    change = signed_record(shown, key)
    assert tablet.push(change)["status"] == "applied"
    version = pulled[finding["id"]]["versions"]["evaluation"]
    moved = patch("finding", finding["id"], {"evaluation": version}, {"class": "SER"})
    return str(director.push(moved, hours_ago=0.3)["conflicts"][0])


def revoked(house: House, findings: list[dict[str, Any]]) -> str:
    """A tablet is revoked with three notes unsent, and hands them in; its id."""
    lost = Device(house, "t07", "保洁平板 03（旧）")
    admin = Device(house, "admin", "管理员电脑")
    admin.post(f"/devices/{lost.id}/state", {"state": "revoked", "reason": "屏幕损坏，换新平板"})
    for number, finding in enumerate((findings or [{"id": new_id(), "versions": {}}])[:3]):
        base = {"note": finding["versions"].get("note")}
        lost.push(patch("finding", finding["id"], base, {"note": f"离线时补记第 {number + 1} 条"}))
    return lost.id
