"""The server under test: the real command over a data folder, killed, restored, and read past itself."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from server.clock import BUSINESS_ZONE
from server.storage.database import Database, open_database
from tests.api.estate import Estate
from tests.people import PASSWORD, Person
from tests.served import Served
from tests.simulation.client.nursery import Nursery, kill_group

FILE = "rounds.sqlite3"
_OF_BLOBS = ("blobs", "blob_senders", "blob_refusals")
_BEGINNING = "2026-11-02T08:00:00+08:00"


class Hall(Served):
    """The served estate. ``ahead``: how far its clock is ahead of this machine's; holds from the next start."""

    def __init__(self, data: Path, nursery: Nursery, database_url: str = "") -> None:
        super().__init__(data, database_url)
        self.nursery, self.ahead, self.pid = nursery, timedelta(), 0
        self.restores = self.kills = 0
        self.backup: Path | None = None

    def start(self) -> None:
        """Serve, and wait until it answers."""
        environment = {
            **os.environ, "ROUNDS_DATA": str(self.data), "ROUNDS_PORT": str(self.port), "ROUNDS_DEMO": "0",
            "ROUNDS_DATABASE_URL": self.database_url,
        }  # fmt: skip
        if self.ahead:
            environment["ROUNDS_NOW"] = (datetime.now(BUSINESS_ZONE) + self.ahead).isoformat()
        self.pid = self.nursery.start(environment, self.log)
        self.wait_until_up()

    def kill(self) -> None:
        """SIGKILL to the whole process group, and wait until nothing of it is left."""
        kill_group(self.pid)
        self.kills += 1
        for _ in range(1000):
            try:
                os.killpg(self.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        raise AssertionError(f"the server {self.pid} does not die")

    def back_up(self) -> None:
        """Copy the database as it stands, while it serves."""
        self.backup = self.data.parent / "backup.sqlite3"
        with closing(sqlite3.connect(self.data / FILE)) as live, closing(sqlite3.connect(self.backup)) as copy:
            live.backup(copy)
            heads = copy.execute("SELECT id, head FROM spaces").fetchall()
        # Only once it is safe does a device hear that it may let go.
        with self.reading() as database, database.write() as tx:
            for space, head in heads:
                tx.run("UPDATE spaces SET backed_up_seq = ? WHERE id = ?", (head, space))

    def put_back(self) -> None:
        """Put the last backup in place, with a new generation, of a server that is down.

        Blobs are never rolled back, so neither is what is known of them.
        """
        assert self.backup is not None
        self.restores += 1
        shutil.copy(self.backup, self.data / "restored")
        with closing(sqlite3.connect(self.data / "restored", isolation_level=None)) as restored:
            restored.execute("ATTACH DATABASE ? AS before", (str(self.data / FILE),))
            for table in _OF_BLOBS:
                restored.execute(f"INSERT OR IGNORE INTO main.{table} SELECT * FROM before.{table}")
            restored.execute("UPDATE spaces SET generation = ?", (f"r{self.restores}",))
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            (self.data / name).unlink(missing_ok=True)
        (self.data / "restored").rename(self.data / FILE)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Its database, past the server."""
        database = open_database(self.database_url, self.data)
        try:
            yield database
        finally:
            database.close()


class Desk:
    """Somebody at a desk: plain HTTP, past all wires."""

    def __init__(self, hall: Hall, person: Person) -> None:
        self.hall, self.person = hall, person
        self.http = requests.Session()
        self.device = person.tablet

    def sign_in(self) -> Desk:
        """A fresh session."""
        device = {"id": self.device, "name": "desk"}
        body = {"username": self.person.username, "password": PASSWORD, "device": device}
        answer = requests.post(f"{self.hall.address}/session", json=body, timeout=20)
        answer.raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return self

    def get(self, path: str, **query: str | int) -> Any:
        """What a GET below /api/v1 answers."""
        answer = self._again(lambda: self.http.get(f"{self.hall.address}{path}", params=query, timeout=20))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> requests.Response:
        """The answer to a POST below /api/v1."""
        return self._again(lambda: self.http.post(f"{self.hall.address}{path}", json=body, timeout=20))

    def _again(self, ask: Callable[[], requests.Response]) -> requests.Response:
        """A session that a restore has undone is opened anew."""
        answer = ask()
        if answer.status_code == 401:
            self.sign_in()
            answer = ask()
        return answer

    def pull(self, space: str) -> dict[str, Any]:
        """A first pull of a space: the last page, with every record by id."""
        records: dict[str, Any] = {}
        since, epoch, at = 0, "", ""
        while True:
            page = self.get(f"/sync/{space}/pull", since=since, epoch=epoch, at=at, checksum=1)
            records |= {row["id"]: row for row in page["records"]}
            since, epoch, at = page["to"], page["epoch"], page["at"]
            if not page["more"]:
                return {**page, "records": records}


def furnish(folder: Path, database_url: str = "") -> Path:
    """The estate's data folder, to copy: who is who, what is to be checked, no check yet."""
    estate = Estate(folder / "estate", _BEGINNING, database_url=database_url)
    estate.close()
    return estate.data


def move_in(template: Path, folder: Path, nursery: Nursery) -> Hall:
    """A hall of one's own below ``folder``, not serving yet."""
    shutil.copytree(template, folder / "data")
    return Hall(folder / "data", nursery)
