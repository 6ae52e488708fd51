"""A real server process on a loopback port with its own data folder; it can be killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class House:
    """The served product: `start`, `kill` (SIGKILL to the process group), `start` again on the same port."""

    def __init__(
        self,
        data: Path,
        *,
        root: Path = ROOT,
        port: int | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.data, self.root, self.port = data, root, port or free_port()
        self.environment = environment or {}
        self.log = data.parent / f"{data.name}-server.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, seconds: float = 90) -> House:
        settings = {"ROUNDS_DATA": str(self.data), "ROUNDS_PORT": str(self.port), "ROUNDS_HOST": "127.0.0.1"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", "serve"], cwd=self.root, stdout=log, stderr=log,
                env={**os.environ, **settings, **self.environment}, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended at once:\n{self.log.read_text()[-4000:]}")
            if self.is_up():
                return self
            time.sleep(0.1)
        raise RuntimeError(f"the server did not answer in {seconds} s:\n{self.log.read_text()[-4000:]}")

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.address}/api/v1/health", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """As a power cut would: no goodbye to anybody."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=20)
        self.process = None

    def stop(self) -> None:
        """As an administrator would: everything flushed."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=30)
        self.process = None

    def client(self, username: str, password: str = "demo") -> Client:
        return Client(self, username, password)


class Client:
    """Another device talking to the server over plain HTTP, for looking at what arrived."""

    def __init__(self, house: House, username: str, password: str) -> None:
        self.house, self.http = house, requests.Session()
        device = {"id": "0193aaaa-0000-7000-8000-" + os.urandom(6).hex(), "name": "test client"}
        answer = self.http.post(
            f"{house.address}/api/v1/session",
            json={"username": username, "password": password, "device": device},
            timeout=20,
        )
        answer.raise_for_status()
        body = answer.json()
        self.user, self.device, self.spaces = body["user"]["id"], device["id"], body["spaces"]
        self.http.cookies.clear()
        self.http.headers["Authorization"] = f"Bearer {body['token']}"

    def get(self, path: str, **query: str | int) -> requests.Response:
        return self.http.get(f"{self.house.address}/api/v1{path}", params=query, timeout=30)

    def pull(self, space: str) -> list[dict]:
        """Every live record of a space."""
        records: dict[str, dict] = {}
        since, epoch, at = 0, "", ""
        while True:
            page = self.get(f"/sync/{space}/pull", since=since, epoch=epoch, at=at).json()
            records |= {row["id"]: row for row in page["records"]}
            since, epoch, at = page["to"], page["epoch"], page["at"]
            if not page["more"]:
                return [row for row in records.values() if not row["deleted"]]

    def of_kind(self, space: str, kind: str) -> list[dict]:
        return [row for row in self.pull(space) if row["kind"] == kind]

    def units(self, space: str = "qyl") -> list[dict]:
        """Coverage units as the board has them."""
        return list(self.get(f"/coverage/{space}").json()["units"])

    def unit(self, code: str, space: str = "qyl") -> str:
        """The id of a unit by its code."""
        return next(str(unit["unit"]) for unit in self.units(space) if unit["code"] == code)

    def units_of(self, team: str, space: str = "qyl") -> list[dict]:
        """Units of a team by its code."""
        answer = self.get(f"/coverage/{space}").json()
        group = next(group["id"] for group in answer["groups"] if group.get("code") == team)
        return [unit for unit in answer["units"] if unit.get("team") == group]

    def finding(self, description: str, space: str = "qyl") -> dict:
        """The one finding that says this."""
        (found,) = (
            row["data"] for row in self.of_kind(space, "finding") if row["data"]["description"] == description
        )
        return dict(found)

    def newest_checks(self, count: int, space: str = "qyl") -> list[dict]:
        """The checks that arrived last."""
        checks = sorted(self.of_kind(space, "area_check"), key=lambda row: row["seq"])
        return checks[-count:]
