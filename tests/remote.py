"""A device that talks to one of several servers over plain HTTP and sockets."""

from __future__ import annotations

import base64
import hashlib
import queue
from typing import Any

import requests
import socketio

from tests.factories import commit, envelope, new_id
from tests.people import PASSWORD, Person

TUS = {"Tus-Resumable": "1.0.0"}


class Remote:
    """One device of one person. ``at`` moves it to another server; token and numbering stay."""

    def __init__(self, address: str, person: Person, device: str | None = None) -> None:
        self.address, self.person, self.device = address, person, device or new_id()
        self.http = requests.Session()
        self.n = 0

    def sign_in(self, password: str = PASSWORD) -> Remote:
        """Sign in; fails if that does not work."""
        answer = self.try_to_sign_in(password)
        assert answer.status_code == 200, answer.text
        self.http.cookies.clear()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return self

    def try_to_sign_in(self, password: str) -> requests.Response:
        """What the server answers to a sign-in."""
        device = {"id": self.device, "name": self.person.username}
        body = {"username": self.person.username, "password": password, "device": device}
        return requests.post(f"{self.address}/api/v1/session", json=body, timeout=20)

    def at(self, address: str) -> Remote:
        """Talk to another server from now on."""
        self.address = address
        return self

    def get(self, path: str, **query: Any) -> requests.Response:
        """GET below /api/v1."""
        return self.http.get(f"{self.address}/api/v1{path}", params=query, timeout=30)

    def post(self, path: str, **options: Any) -> requests.Response:
        """POST below /api/v1."""
        return self.http.post(f"{self.address}/api/v1{path}", timeout=30, **options)

    def commit(self, *changes: dict[str, Any]) -> dict[str, Any]:
        """A commit with this device's next number."""
        self.n += 1
        return commit(*changes, n=self.n)

    def push(self, space: str, *commits: dict[str, Any]) -> dict[str, Any]:
        """Push commits; the whole answer."""
        answer = self.post(f"/sync/{space}/push", json=envelope(self.person, *commits, device=self.device))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def save(self, space: str, *changes: dict[str, Any]) -> dict[str, Any]:
        """Push one commit of these changes; its result, which must be ``applied``."""
        [result] = self.push(space, self.commit(*changes))["results"]
        assert result["status"] == "applied", result
        saved: dict[str, Any] = result
        return saved

    def pull(self, space: str) -> dict[str, dict[str, Any]]:
        """Every readable record by id."""
        records: dict[str, dict[str, Any]] = {}
        since, epoch, at = 0, "", ""
        while True:
            answer = self.get(f"/sync/{space}/pull", since=since, epoch=epoch, at=at)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            records |= {row["id"]: row for row in page["records"]}
            since, epoch, at = page["to"], page["epoch"], page["at"]
            if not page["more"]:
                return records

    def listen(self) -> tuple[socketio.Client, queue.Queue[dict[str, Any]]]:
        """An open socket and what it is told."""
        told: queue.Queue[dict[str, Any]] = queue.Queue()
        client = socketio.Client()
        client.on("poke", told.put)
        token = str(self.http.headers["Authorization"]).split(" ")[1]
        client.connect(self.address, auth={"token": token}, transports=["websocket"], wait_timeout=20)
        return client, told

    def begin_upload(self, data: bytes) -> str:
        """Create an upload of a JPEG; its path below the address."""
        pairs = {"sha256": hashlib.sha256(data).hexdigest(), "mime": "image/jpeg"}
        named = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
        headers = {**TUS, "Upload-Length": str(len(data)), "Upload-Metadata": named}
        answer = self.post("/blobs/tus", headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def offset(self, path: str) -> int:
        """How much of an upload is there."""
        answer = self.http.head(f"{self.address}{path}", headers=TUS, timeout=20)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def send(self, path: str, at: int, data: bytes) -> requests.Response:
        """Send a part of an upload."""
        headers = {**TUS, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        return self.http.patch(f"{self.address}{path}", headers=headers, data=data, timeout=30)
