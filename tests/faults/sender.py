"""A tablet by hand against a served house: commits, and photos by tus."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import requests

from server.config import ROOT
from tests.evidence.desk import metadata, sha256
from tests.factories import commit, envelope
from tests.faults.cutter import Cutter
from tests.people import PASSWORD, QINGYANLI, Person
from tests.served import Served

TUS = {"Tus-Resumable": "1.0.0"}
MOST_TRIES = 150


class Sender:
    """Somebody who is signed in on his tablet. ``made``: his commits."""

    def __init__(self, served: Served, person: Person) -> None:
        self.served, self.person = served, person
        self.made: list[dict[str, Any]] = []
        self._http = requests.Session()
        device = {"id": person.tablet, "name": "tablet"}
        body = {"username": person.username, "password": PASSWORD, "device": device}
        answer = self._http.post(f"{served.address}/session", json=body, timeout=20)
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        self._http.headers.update(self.headers)

    def commit(self, *changes: dict[str, Any]) -> dict[str, Any]:
        """The next commit."""
        self.made.append(commit(*changes, n=len(self.made) + 1))
        return self.made[-1]

    def push(self, *commits: Any, space: str = QINGYANLI) -> requests.Response:
        """Push commits."""
        return self.post(f"/sync/{space}/push", json=envelope(self.person, *commits))

    def pull(self, space: str = QINGYANLI) -> dict[str, Any]:
        """Every readable record by id."""
        answer = self.get(f"/sync/{space}/pull?limit=5000")
        assert answer.status_code == 200, answer.text
        return {row["id"]: row for row in answer.json()["records"]}

    def get(self, path: str) -> requests.Response:
        """GET below /api/v1."""
        return self._http.get(self.served.address + path, timeout=30)

    def post(self, path: str, **options: Any) -> requests.Response:
        """POST below /api/v1."""
        return self._http.post(self.served.address + path, timeout=30, **options)

    def create(self, data: bytes, mime: str = "image/jpeg") -> requests.Response:
        """Announce a photo."""
        announced = {"Upload-Length": str(len(data)), "Upload-Metadata": metadata(sha256(data), mime)}
        return self.post("/blobs/tus", headers={**TUS, **announced})

    def begin(self, data: bytes) -> str:
        """Announce a photo; where its parts go."""
        answer = self.create(data)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"]).removeprefix("/api/v1")

    def patch(self, url: str, data: bytes, offset: int, **headers: str) -> requests.Response:
        """Send a part."""
        head = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        return self._http.patch(self.served.address + url, data=data, headers={**head, **headers}, timeout=30)

    def head(self, url: str) -> requests.Response:
        """Ask how far a photo got."""
        return self._http.head(self.served.address + url, headers=TUS, timeout=30)

    def offset(self, url: str) -> int | None:
        """How far a photo got; ``None`` while the server cannot say."""
        said = self.head(url).headers.get("Upload-Offset")
        return None if said is None else int(said)

    def delete(self, url: str) -> requests.Response:
        """End an upload."""
        return self._http.delete(self.served.address + url, headers=TUS, timeout=30)


def tablet_upload(wire: Cutter, photo: Path, name: str, pause: float) -> dict[str, Any]:
    """Run the app's uploader in Node until its end is final; ``pause``: seconds between its tries."""
    run = subprocess.run(
        [ROOT / ".venv/bin/node", "--experimental-transform-types", "--no-warnings",
         Path(__file__).with_name("tablet_upload.mjs"), ROOT / "pwa", f"{wire.address}/api/v1", photo, name,
         str(MOST_TRIES), str(pause * 1000)],
        capture_output=True, timeout=110, check=False, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    said: dict[str, Any] = json.loads(run.stdout)
    return said
