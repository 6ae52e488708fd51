"""Tablets that push without pause to a server that is killed, and what they were told."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from tests.api.estate import P029_A1, check_data, finding_of, photo_of
from tests.factories import commit, create, envelope, inspection, new_id
from tests.people import HE_GUILAN, LEAD_AT_XIQIAO, PASSWORD, QINGYANLI, TANG_ZHIQIANG, XIQIAO, Person
from tests.served import Served

MOMENT = "2026-11-23T09:12:33+08:00"
PATIENCE = 0.02
"""Seconds between two tries at a server that is not there."""


@dataclass
class Tally:
    """What became of the pushes of one writer. A span: when it was sent, and when its end was known."""

    answered: int = 0
    unanswered: list[tuple[float, float]] = field(default_factory=list)
    """Sent whole or in part, and the connection died: nobody knows whether it was taken in."""
    told_to_wait: list[tuple[float, float]] = field(default_factory=list)
    refused: int = 0
    """Connections that nobody took: the server was away."""


class Writer(threading.Thread):
    """A tablet that sends without pause, and sends again what was not acknowledged.

    ``acknowledged``: the first answer to each commit.
    """

    def __init__(self, served: Served, person: Person, space: str, seed: int) -> None:
        super().__init__(name=f"writer {seed}", daemon=True)
        self.served, self.person, self.space = served, person, space
        self.device = new_id()
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.commits: dict[str, dict[str, Any]] = {}
        self.tally = Tally()
        self.no_more, self.enough = threading.Event(), threading.Event()
        self.error: Exception | None = None
        self._draw = random.Random(seed)
        self._http = requests.Session()

    def sign_in(self) -> None:
        """Once: the session outlives the server."""
        device = {"id": self.device, "name": self.name}
        body = {"username": self.person.username, "password": PASSWORD, "device": device}
        answer = self._http.post(f"{self.served.address}/session", json=body, timeout=20).json()
        self._http.headers["Authorization"] = f"Bearer {answer['token']}"

    @property
    def unsent(self) -> list[dict[str, Any]]:
        """What was not acknowledged, in order."""
        return [one for ident, one in self.commits.items() if ident not in self.acknowledged]

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                if not self.no_more.is_set():
                    self._make(self._draw.randint(1, 6))
                waiting = self.unsent
                if not waiting:
                    return
                if self.send(waiting) is None:
                    time.sleep(PATIENCE)
        except Exception as error:
            self.error = error

    def send(self, commits: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        """Push, and note what was acknowledged; ``None`` if nobody said anything."""
        path = f"{self.served.address}/sync/{self.space}/push"
        body = envelope(self.person, *commits, device=self.device, unsent=len(commits))
        sent = time.monotonic()
        try:
            answer = self._http.post(path, json=body, timeout=20)
        except requests.RequestException as error:
            if _nobody_there(error):
                self.tally.refused += 1
            else:
                self.tally.unanswered.append((sent, time.monotonic()))
            return None
        if answer.status_code == 503:
            self.tally.told_to_wait.append((sent, time.monotonic()))
            return None
        assert answer.status_code == 200, answer.text
        self.tally.answered += 1
        results: list[dict[str, Any]] = answer.json()["results"]
        for result in results:
            self.acknowledged.setdefault(result["commit"], result)
        return results

    def _make(self, count: int) -> None:
        """As many new commits, each one round with all that hangs on it."""
        for _ in range(count if len(self.unsent) < 20 else 0):
            made = commit(*self._changes(), n=len(self.commits) + 1, made_at=MOMENT)
            self.commits[made["id"]] = made

    def _changes(self) -> list[dict[str, Any]]:
        visit = inspection(self.person)
        if self.space != QINGYANLI:
            return [visit, inspection(self.person)]
        check = create("area_check", check_data(self.person, P029_A1, visit["record"], MOMENT))
        photo = photo_of(self.person, check["record"], P029_A1, new_id().replace("-", "") * 2)
        found = finding_of(check["record"], P029_A1, (photo["record"],), found_by=self.person.id)
        return [visit, check, photo, found]


def writers_of(served: Served) -> list[Writer]:
    """Six tablets of three people in two spaces."""
    places = ((HE_GUILAN, QINGYANLI), (TANG_ZHIQIANG, QINGYANLI), (LEAD_AT_XIQIAO, XIQIAO)) * 2
    return [Writer(served, *place, seed) for seed, place in enumerate(places)]


def _nobody_there(error: requests.RequestException) -> bool:
    """Whether not even a connection came about, so that nothing can have been sent."""
    reason = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)
