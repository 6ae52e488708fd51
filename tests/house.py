"""The whole app in this process, and devices that talk to it over its own HTTP interface."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from server.api.services import EXTENSION, Services
from server.app import create_app
from server.clock import Clock
from server.config import Settings
from server.storage.accounts import Accounts
from server.storage.database import Database
from server.storage.spaces import Spaces
from tests import shelf
from tests.factories import commit, envelope, person_record, project_centre, role_records
from tests.people import ADMIN, CAST, PASSWORD, PASSWORD_HASH, SPACES, Person


class House:
    """An app with its data folder. ``services`` is what its endpoints work with."""

    def __init__(
        self, data: Path, clock: Clock | None = None, *, database_url: str = "", like: str = ""
    ) -> None:
        """``like``: under which name its furnished database is kept, for the next like it to begin with."""
        self.data = data
        self.clock = clock or Clock()
        self._like = "" if database_url else like or ("house" if clock is None else "")
        app_folder = data / "app"
        app_folder.mkdir(parents=True)
        if self._like:
            shelf.take(self._like, data)
        # Tests ask as fast as they can; what one device may ask is a test of its own.
        settings = Settings(
            data=data, database_url=database_url, secret_key="for tests", app=app_folder, device_limit=""
        )
        self.app = create_app(settings, self.clock)
        self.services: Services = self.app.extensions[EXTENSION]
        self.empty = not self.services.exchange.spaces.all()
        if self.empty:
            self._populate()
            if self._like and not like:
                shelf.put_away(self._like, data)

    @property
    def database(self) -> Database:
        """The storage behind it."""
        spaces = self.services.exchange.spaces
        assert isinstance(spaces, Spaces)
        return spaces.database

    def bring(self, space: str, *changes: dict[str, Any], user: str = ADMIN.id) -> list[dict[str, Any]]:
        """Commit as the built-in device; fails if it was not taken in."""
        results = self.services.exchange.bring(space, [commit(*changes)], user=user, now=self.clock.text())
        assert [result["status"] for result in results] == ["applied"], results
        return results

    def close(self) -> None:
        """Close this thread's connection."""
        self.database.close()

    def _populate(self) -> None:
        spaces = Spaces(self.database)
        for space, type, branch in SPACES:
            spaces.create(space, type, space, "g1", branch=branch)
        for space, type, branch in SPACES:
            changes = [project_centre(space, branch or "")] if type == "project" else []
            changes += [person_record(person) for person in CAST if person.home == space]
            self.bring(space, *changes)
        for space, _, _ in SPACES:
            changes = [change for person in CAST for change in role_records(person, space)]
            self.bring(space, *changes)
        accounts = Accounts(self.database)
        for person in CAST:
            accounts.add(person.id, person.username, PASSWORD_HASH, demo=True)


class Client:
    """One device of one person, with its outbox counter and its copy of what it pulled."""

    def __init__(self, house: House, person: Person, device: str | None = None) -> None:
        self.house, self.person = house, person
        self.device = device or person.tablet
        self.http = house.app.test_client(use_cookies=False)
        self.headers: dict[str, str] = {}
        self._n = 0
        self._guard = threading.Lock()

    def sign_in(self, password: str = PASSWORD) -> Client:
        """Sign in; fails if that does not work."""
        answer = self.try_to_sign_in(password)
        assert answer.status_code == 200, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json['token']}"}  # type: ignore[index]
        return self

    def try_to_sign_in(self, password: str = PASSWORD, **device: Any) -> TestResponse:
        """What the server answers to a sign-in."""
        named = {"id": self.device, "name": f"{self.person.username} 平板", **device}
        body = {"username": self.person.username, "password": password, "device": named}
        return self.http.post("/api/v1/session", json=body)

    def get(self, path: str, **query: Any) -> TestResponse:
        """GET below /api/v1."""
        return self.http.get(f"/api/v1{path}", query_string=query, headers=self.headers)

    def post(self, path: str, **options: Any) -> TestResponse:
        """POST below /api/v1."""
        return self.http.post(f"/api/v1{path}", headers=self.headers, **options)

    def commit(self, *changes: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A commit with this device's next number."""
        with self._guard:
            self._n += 1
            n = self._n
        return commit(*changes, n=n, **more)

    def push(self, space: str, *commits: Any, unsent: int = 0) -> list[dict[str, Any]]:
        """Push commits; their results."""
        answer = self.post(f"/sync/{space}/push", json=self.envelope(*commits, unsent=unsent))
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json["results"]  # type: ignore[index]
        return results

    def envelope(self, *commits: Any, unsent: int = 0) -> dict[str, Any]:
        """A push of this device."""
        return envelope(self.person, *commits, device=self.device, unsent=unsent)

    def save(self, space: str, *changes: dict[str, Any]) -> dict[str, Any]:
        """Push one commit of these changes; its result."""
        return self.push(space, self.commit(*changes))[0]

    def pull(self, space: str, limit: int = 1000) -> dict[str, dict[str, Any]]:
        """Every readable record, by id, deleted ones included."""
        records: dict[str, dict[str, Any]] = {}
        since, epoch, at = 0, "", ""
        while True:
            answer = self.get(f"/sync/{space}/pull", since=since, epoch=epoch, at=at, limit=limit)
            assert answer.status_code == 200, answer.text
            page: dict[str, Any] = answer.json  # type: ignore[assignment]
            records |= {row["id"]: row for row in page["records"]}
            since, epoch, at = page["to"], page["epoch"], page["at"]
            if not page["more"]:
                return records
