"""`kill -9` in the middle of pushes loses nothing that was acknowledged (I1, I2)."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import pytest
import requests

from server.storage.database import open_database
from sync.chain import verify
from tests.factories import commit, envelope, inspection
from tests.people import HE_GUILAN, PASSWORD, QINGYANLI, TANG_ZHIQIANG, Person
from tests.served import Served
from tests.storage.backends import SeenSqlStore

WRITERS = (HE_GUILAN, TANG_ZHIQIANG)


class Writer(threading.Thread):
    """A tablet that sends without pause, and sends again what was not acknowledged."""

    def __init__(self, served: Served, person: Person) -> None:
        super().__init__()
        self.served, self.person = served, person
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.commits: dict[str, dict[str, Any]] = {}
        self.told_to_wait = 0
        self.enough = threading.Event()
        self.http = requests.Session()

    def sign_in(self) -> None:
        """Once: the session outlives the server."""
        device = {"id": self.person.tablet, "name": "tablet"}
        body = {"username": self.person.username, "password": PASSWORD, "device": device}
        answer = self.http.post(f"{self.served.address}/session", json=body, timeout=20).json()
        self.http.headers["Authorization"] = f"Bearer {answer['token']}"

    def run(self) -> None:
        while not self.enough.is_set():
            unsent = [one for ident, one in self.commits.items() if ident not in self.acknowledged]
            while len(unsent) < 5:
                fresh = commit(inspection(self.person), n=len(self.commits) + 1)
                self.commits[fresh["id"]] = fresh
                unsent.append(fresh)
            try:
                self.send(unsent)
            except requests.RequestException:
                time.sleep(0.05)

    def send(self, commits: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Push, and note what was acknowledged."""
        path = f"{self.served.address}/sync/{QINGYANLI}/push"
        answer = self.http.post(path, json=envelope(self.person, *commits), timeout=20)
        if answer.status_code == 503:
            self.told_to_wait += 1
            time.sleep(0.05)
            return []
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        for result in results:
            self.acknowledged.setdefault(result["commit"], result)
        return results


@pytest.mark.embedded  # on PostgreSQL both are killed in turn: test_busy.py
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost(served: Served, soak: bool):
    writers = [Writer(served, person) for person in WRITERS]
    for writer in writers:
        writer.sign_in()
        writer.start()
    pauses = random.Random(7)
    for _ in range(100 if soak else 4):
        time.sleep(pauses.uniform(0.2, 1.0))
        served.kill()
        served.start()
    for writer in writers:
        writer.enough.set()
        writer.join()
    check_data(served, writers)


def check_data(served: Served, writers: list[Writer]) -> None:
    """Every acknowledged change got its last answer and stands in the log, whose chain has no hole."""
    for writer in writers:
        assert len(writer.acknowledged) > 10
        # Sent again, everything that was acknowledged gets the answer that it got.
        again: dict[str, dict[str, Any]] = {}
        commits = [writer.commits[ident] for ident in writer.acknowledged]
        for start in range(0, len(commits), 100):
            again |= {result["commit"]: result for result in writer.send(commits[start : start + 100])}
        assert all(result["replayed"] for result in again.values())
        same = {ident: {**result, "replayed": True} for ident, result in writer.acknowledged.items()}
        assert again == same
    database = open_database(served.database_url, served.data)
    seen = SeenSqlStore(database).space(QINGYANLI)
    database.close()
    walked = verify(seen.log)
    assert walked.broken is None
    assert walked.head == seen.state[0].seq
    logged = {row.change: row.seq for row in seen.log}
    for writer in writers:
        for result in writer.acknowledged.values():
            assert result["status"] == "applied"
            assert {change: logged[change] for change in result["seqs"]} == result["seqs"]
