"""The server's rules and the device's: the same answers to thousands of made-up projects (Q1-4.4).

The named cases say what is right. This says that the two languages do not drift apart where no case looks.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.rules.coverage import judge, post_states
from tests.rules.cases import DEFAULTS, YEARS, calendar_of, devices_of, instant, plain, settings_of, units_of

START = date(2026, 9, 1)  # to the end of December: National Day, and due dates in unconfirmed 2027
DAYS = 125
NODE = Path(sys.executable).parent / "node"


class Maker:
    """Makes one scenario after another from a seed, odd ones among them."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)

    def scenario(self) -> dict[str, Any]:
        draw = self.draw
        now = self.instant()
        return {
            "now": now,
            "settings": {
                "mode": draw.choice(["rolling", "cycle"]),
                "coverage_start": self.day(20),
                "cycle_anchor": draw.choice([None, self.day()]),
                "grace_hours": draw.choice([0, 24, 48]),
            },
            "overrides": self.some(4, lambda: {"date": self.day(), "isOffDay": draw.random() < 0.5}),
            "units": [self.unit(n, date.fromisoformat(now[:10])) for n in range(4)],
            "devices": {person: self.some(2, self.device) for person in ("he", "luo", "tan")},
        }

    def unit(self, n: int, today: date) -> dict[str, Any]:
        draw = self.draw
        always = [{"inspector": "he", "starts_on": "2026-01-01", "ends_on": None}]
        return {
            **DEFAULTS["unit"],
            "unit": f"u{n}",
            "post": draw.choice("pq"),
            "shift": draw.choice(["day", "early", "middle", "night"]),
            "effective_from": self.day(40),
            "effective_until": draw.choice([None, None, None, self.day()]),
            "scopes": draw.choice([always, self.some(3, lambda: self.period(inspector=self.person()))]),
            "deputies": self.some(2, lambda: self.period(False, inspector="he", deputy=self.person())),
            "pauses": self.some(draw.choice([0, 0, 2]), self.period),
            "checks": [self.check(i, today) for i in range(draw.randint(0, 8))],
        }

    def check(self, i: int, today: date) -> dict[str, Any]:
        draw = self.draw
        recent = (today - timedelta(days=draw.randint(0, 7))).isoformat() + self.instant()[10:]
        return {
            **DEFAULTS["check"],
            "id": f"c{i}",
            "by": draw.choice(["he", "he", "luo", "tan"]),
            "ended_at": draw.choice([recent, self.instant()]),
            "complete": draw.random() < 0.9,
            "level": draw.choice(["daily", "daily", "daily", "weekly"]),
        }

    def device(self) -> dict[str, Any]:
        return {
            "unsent_zero_at": self.draw.choice([None, self.instant()]),
            "earlier_zeros": self.some(2, self.instant),
        }

    def period(self, may_be_open: bool = True, **more: str) -> dict[str, Any]:
        first, last = sorted([self.day(), self.day()])
        if self.draw.random() < 0.1:
            first, last = last, first
        ends_on = None if may_be_open and self.draw.random() < 0.3 else last
        return {"starts_on": first, "ends_on": ends_on, **more}

    def person(self) -> str:
        return self.draw.choice(["he", "luo", "tan"])

    def instant(self) -> str:
        hour = self.draw.choice([0, 6, 7, 12, 23])
        return f"{self.day()}T{hour:02d}:{self.draw.choice(['00:00', '59:59'])}+08:00"

    def day(self, days: int = DAYS) -> str:
        return (START + timedelta(days=self.draw.randint(0, days))).isoformat()

    def some(self, most: int, make: Any) -> list[Any]:
        return [make() for _ in range(self.draw.randint(0, most))]


def on_the_server(scenario: dict[str, Any]) -> dict[str, Any]:
    now = instant(scenario["now"])
    states = judge(
        units_of(scenario), devices_of(scenario, now), settings_of(scenario), calendar_of(scenario), now
    )
    return {
        "units": [{name: plain(value) for name, value in asdict(state).items()} for state in states],
        "posts": [
            {name: plain(value) for name, value in asdict(post).items()} for post in post_states(states)
        ],
    }


def on_the_device(scenarios: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [NODE, Path(__file__).with_name("judge.mjs")],
        input=json.dumps({"years": YEARS, "scenarios": scenarios}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


@pytest.mark.timeout(600)
def test_server_and_device_judge_alike(soak):
    maker = Maker(20261127)
    scenarios = [maker.scenario() for _ in range(50_000 if soak else 1_000)]
    expected = [on_the_server(scenario) for scenario in scenarios]
    for scenario, server, device in zip(scenarios, expected, on_the_device(scenarios), strict=True):
        assert device == server, json.dumps(scenario, ensure_ascii=False)
    seen = {unit["state"] for answer in expected for unit in answer["units"]}
    assert len(seen) == 6, "the scenarios must reach every state"
