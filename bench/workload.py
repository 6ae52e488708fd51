"""The workload of all servers that were compared: 10,000 checks of about 2 KB, 20 devices, batches of 100.

The checks are those of the demo project, made anew: real units with all items of their standard, so that the
server judges and projects them as it does on any working day. Notes are long enough for 1,926 bytes a check.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from server.demo.accounts import DemoAccount
from server.demo.generate import DemoPlan, generate
from tests.factories import CLOCK, commit, create, new_id

SPACE = "qyl"
CHECKS, DEVICES, BATCH, BYTES = 10_000, 20, 100, 1926
NOTE = "墙面踢脚线有污迹，已当场擦净；管井门框碰伤，未登记，已告知班长补录。"


@dataclass(frozen=True)
class Tablet:
    """A device of the bench, the pushes that it is going to make, and how many checks are in them."""

    account: DemoAccount
    user: str
    device: str
    opening: bytes
    """The push with the inspection that its checks belong to."""
    pushes: list[bytes]
    checks: int


class Workload:
    """Makes tablets over the demo of one moment, each with work of its own."""

    def __init__(self, now: datetime) -> None:
        self.plan: DemoPlan = generate(now)
        self._templates = _templates(self.plan)

    def tablets(self, checks: int = CHECKS, devices: int = DEVICES, batch: int = BATCH) -> list[Tablet]:
        """So many fresh tablets that share so many fresh checks."""
        accounts = itertools.cycle(self._templates)
        return [self._tablet(next(accounts), checks // devices, batch) for _ in range(devices)]

    def _tablet(self, account: DemoAccount, checks: int, batch: int) -> Tablet:
        user, device, ns = self.plan.user(account), new_id(), itertools.count(1)
        templates = itertools.cycle(self._templates[account])
        visit = create("inspection", _visit(user, next(templates)))
        made = [
            commit(_check(next(templates), visit["record"]), n=n) for n in itertools.islice(ns, 1, checks + 1)
        ]
        rest = [_push(user, device, made[at : at + batch]) for at in range(0, checks, batch)]
        return Tablet(account, user, device, _push(user, device, [commit(visit, n=1)]), rest, checks)


def _templates(plan: DemoPlan) -> dict[DemoAccount, list[Mapping[str, Any]]]:
    found: dict[DemoAccount, list[Mapping[str, Any]]] = {}
    for push in plan.pushes:
        if push.space == SPACE:
            for change in _checks_in(push.commits):
                found.setdefault(push.account, []).append(change["set"])
    return found


def _checks_in(commits: tuple[dict[str, Any], ...]) -> Iterator[Mapping[str, Any]]:
    for one in commits:
        yield from (change for change in one["changes"] if change["kind"] == "area_check")


def _visit(user: str, template: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "level": "daily", "inspector": user, "business_date": template["business_date"], "unplanned": False,
        "started_at": template["started_at"], "state": "in_progress",
    }  # fmt: skip


def _check(template: Mapping[str, Any], visit: str) -> dict[str, Any]:
    """A check like the template's, without photos but with the reasons why, noted at the usual length."""
    results = [_result(result) for result in template["results"]]
    check = create("area_check", {**template, "inspection": visit, "results": results})
    for result in itertools.cycle(results):
        missing = BYTES - len(orjson.dumps(check))
        if missing <= 20:
            return check
        text = result.get("note", "") + NOTE
        result["note"] = text[: len(text) - len(NOTE) + min(len(NOTE), max(1, missing // 3))]
    raise AssertionError("a check without items")


def _result(result: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in result.items() if name != "photos"}
    return {**kept, **({"no_photo_reason": "地下室无网络"} if "photos" in result else {})}


def _push(user: str, device: str, commits: list[dict[str, Any]]) -> bytes:
    envelope = {
        "device": device, "user": user, "protocol": 1, "device_time": CLOCK.text(), "unsent": 0,
        "commits": commits,
    }  # fmt: skip
    return orjson.dumps(envelope)
