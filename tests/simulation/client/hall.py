"""The server under test: the real command over a data folder, killed, restored, and read past itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import requests

from server.cli import verify_data
from server.clock import BUSINESS_ZONE
from server.config import Settings
from server.storage.database import Database, open_database
from tests.people import PASSWORD, Person
from tests.served import Served
from tests.simulation.client.keeping import Keeping
from tests.simulation.client.nursery import Nursery, kill_group


class Hall(Served):
    """The served estate. ``ahead``: how far its clock is ahead of this machine's; ``broken``: how it is
    broken on purpose (`broken.py`). Both hold from the next start."""

    def __init__(self, data: Path, keeping: Keeping, nursery: Nursery) -> None:
        super().__init__(data, keeping.url)
        self.keeping, self.backed_up = keeping, False
        self.nursery, self.ahead, self.pid = nursery, timedelta(), 0
        self.restores = self.kills = 0
        self.broken = ""
        self.desks: list[Desk] = []

    def start(self) -> None:
        """Serve, and wait until it answers."""
        environment = {
            **os.environ, "ROUNDS_DATA": str(self.data), "ROUNDS_PORT": str(self.port), "ROUNDS_DEMO": "0",
            "ROUNDS_DATABASE_URL": self.database_url,
        }  # fmt: skip
        if self.ahead:
            environment["ROUNDS_NOW"] = (datetime.now(BUSINESS_ZONE) + self.ahead).isoformat()
        self.pid = self.nursery.start(environment, self.log, self.broken)
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
        """Copy the database as it stands, while it serves; then tell devices what they may let go."""
        heads = self.keeping.back_up()
        with self.reading() as database:
            for space, head in heads.items():
                with database.write(space) as tx:
                    tx.run("UPDATE spaces SET backed_up_seq = ? WHERE id = ?", (head, space))
        self.backed_up = True

    def put_back(self) -> None:
        """Put the last backup in place, with a new generation, of a server that is down."""
        self.restores += 1
        self.keeping.put_back()
        self.database_url = self.keeping.url
        with self.reading() as database, database.write() as tx:
            tx.run("UPDATE spaces SET generation = ?", (f"r{self.restores}",))

    def verify(self) -> list[str]:
        """What `make verify` finds wrong in its data."""
        settings = self.settings()
        with redirect_stdout(StringIO()) as said:
            status = verify_data(settings)
        return [] if status == 0 else [f"VERIFY {line}" for line in said.getvalue().splitlines()]

    def settings(self) -> Settings:
        """What whoever looks past it needs."""
        return Settings(data=self.data, database_url=self.database_url, secret_key="unused", app=self.data)

    def close(self) -> None:
        """Kill it, and leave nothing behind but its folder."""
        self.kill()
        for desk in self.desks:
            desk.http.close()
        self.keeping.close()

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
        hall.desks.append(self)
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
