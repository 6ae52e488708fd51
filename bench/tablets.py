"""A hundred tablets start at once: `python -m bench.tablets [RECORDS=10000] [HTTP=96] [REAL=4]
[ON=postgresql]`.

A real server as `make run` starts it, over a project of 10,000 records (checks of about 2 KB). 96 plain HTTP
clients page through scope and pull and check the whole against its checksum, which they count themselves; 4
are the real TypeScript client on fake-indexeddb, in a Node process each. All are signed in and hold nothing;
they start at the same moment, and each is done when its copy is complete and its checksum right. Clients and
server share this machine's cores. Prints JSON lines: seconds from the start of all to the end of each.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from operator import xor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import requests

from tests.factories import area_check, inspection, new_id, post
from tests.house import House
from tests.people import (
    HAN_JINGYI,
    HE_GUILAN,
    HEADQUARTERS,
    PASSWORD,
    QINGYANLI,
    TANG_ZHIQIANG,
    YAO_CHUNYAN,
    Person,
)
from tests.postgres import fresh_database
from tests.served import Served
from tests.simulation.client.tablets import Tablets

LEADS = (HE_GUILAN, TANG_ZHIQIANG, YAO_CHUNYAN, HAN_JINGYI)
_BATCH = 200
_PATIENCE = 300
"""Seconds until a tablet that is not done counts as failed."""
_NOTE = "地面有积水，已通知保洁；" * 4


@dataclass(frozen=True)
class Wanted:
    """What is measured, and on what."""

    records: int = 10_000
    http: int = 96
    real: int = 4
    database: str = "sqlite"


@dataclass(frozen=True)
class Start:
    """How one tablet's start went. ``checksums``: by space, as counted over what it holds."""

    kind: str
    seconds: float
    records: int
    checksums: dict[str, str]


def fill(house: House, records: int) -> None:
    """A project with so many checks, brought in as commits like any other."""
    place = post()
    house.bring(QINGYANLI, place)
    results = [{"item": f"CL-{number:02}", "result": "conform", "note": _NOTE} for number in range(11)]
    for begin in range(0, records, _BATCH):
        count = min(_BATCH, records - begin)
        round_of_day = inspection(HE_GUILAN)
        checks = [
            area_check(HE_GUILAN, round_of_day["record"], place["record"], results=results)
            for _ in range(count - 1)
        ]
        house.bring(QINGYANLI, round_of_day, *checks)


class HttpTablet:
    """A tablet that knows of HTTP, JSON and XOR, and of nothing else."""

    def __init__(self, served: Served, person: Person) -> None:
        self.port = served.port
        device = {"id": new_id(), "name": "tablet"}
        body = {"username": person.username, "password": PASSWORD, "device": device}
        answer = requests.post(f"{served.address}/session", json=body, timeout=60)
        answer.raise_for_status()
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    def start(self, gate: threading.Barrier) -> Start:
        """Wait for all others, then fill a copy from nothing."""
        gate.wait(_PATIENCE)
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        checksums, records = {}, 0
        for one in self._get(connection, "/sync/scope")["spaces"]:
            checksum, count = self._fill(connection, one["space"])
            checksums[one["space"]], records = checksum, records + count
        connection.close()
        return Start("http", time.monotonic() - begun, records, checksums)

    def _fill(self, connection: http.client.HTTPConnection, space: str) -> tuple[str, int]:
        marks: dict[str, int] = {}
        since, epoch, at, more = 0, "", "", True
        while more:
            query = urlencode({"since": since, "epoch": epoch, "at": at, "limit": 1000, "checksum": 1})
            page = self._get(connection, f"/sync/{space}/pull?{query}")
            for row in page["records"]:
                marks[row["id"]] = 0 if row["deleted"] else mark(row["id"], row["last_change"])
            since, epoch, at, more = page["to"], page["epoch"], page["at"], page["more"]
        checksum = f"{reduce(xor, marks.values(), 0):016x}"
        assert checksum == page["checksum"], (space, checksum, page["checksum"])
        return checksum, len(marks)

    def _get(self, connection: http.client.HTTPConnection, path: str) -> Any:
        while True:
            connection.request("GET", f"/api/v1{path}", headers=self.headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status == 200:
                return orjson.loads(body)
            # Too much at once is no failure: it is told when to come again.
            assert answer.status in (429, 503), (answer.status, body[:200])
            time.sleep(float(answer.headers.get("Retry-After") or 1))


class RealTablet:
    """The real client, in a Node process of its own."""

    def __init__(self, served: Served, person: Person, folder: Path, number: int) -> None:
        self.node = Tablets(folder / f"client {number}.log")
        origin = f"http://127.0.0.1:{served.port}"
        self.node.do("it", "make", origin=origin, username=person.username, seed=number, clock=0, mutant="",
                     reach=None, patience=1000 * _PATIENCE)  # fmt: skip
        self.node.do("it", "boot")
        assert self.node.do("it", "enrol") == "ok"

    def start(self, gate: threading.Barrier) -> Start:
        """Wait for all others, then start the app and let it sync until it stands still."""
        gate.wait(_PATIENCE)
        begun = time.monotonic()
        self.node.do("it", "boot")
        spaces: list[str] = []
        while not {HEADQUARTERS, QINGYANLI} <= set(spaces):
            self.node.do("it", "sync", patience=_PATIENCE)
            spaces = [cursor["space"] for cursor in self.node.do("it", "standing")["cursors"]]
        seconds = time.monotonic() - begun
        checksums = {space: self.node.do("it", "checksum", space=space)["checksum"] for space in spaces}
        held = self.node.do("it", "read")["base"]
        return Start("real", seconds, len(held), checksums)

    def close(self) -> None:
        """End its process."""
        self.node.close()


@contextmanager
def serving(wanted: Wanted, folder: Path) -> Iterator[Served]:
    """The server, over the filled project."""
    with fresh_database() if wanted.database == "postgresql" else _embedded() as url:
        house = House(folder / "data", database_url=url)
        fill(house, wanted.records)
        house.close()
        served = Served(house.data, url)
        served.start()
        try:
            yield served
        finally:
            served.kill()


@contextmanager
def _embedded() -> Iterator[str]:
    yield ""


def start_all(wanted: Wanted, folder: Path) -> list[Start]:
    """All tablets start at once; how each went. Fails if any two copies differ."""
    with serving(wanted, folder) as served:
        with ThreadPoolExecutor(8) as pool:
            people = [LEADS[number % len(LEADS)] for number in range(wanted.http)]
            plain = list(pool.map(lambda person: HttpTablet(served, person), people))
        real = [RealTablet(served, HE_GUILAN, folder, number) for number in range(wanted.real)]
        tablets: Sequence[HttpTablet | RealTablet] = [*plain, *real]
        gate = threading.Barrier(len(tablets))
        try:
            with ThreadPoolExecutor(len(tablets)) as pool:
                starts = list(pool.map(lambda tablet: tablet.start(gate), tablets))
        finally:
            for one in real:
                one.close()
    same = {json.dumps(start.checksums, sort_keys=True) for start in starts}
    assert len(same) == 1, same
    assert min(start.records for start in starts) > wanted.records
    return starts


def figures(wanted: Wanted, starts: Sequence[Start]) -> Iterator[dict[str, Any]]:
    """The JSON lines."""
    seconds = sorted(start.seconds for start in starts)
    real = [start.seconds for start in starts if start.kind == "real"]
    about = {"database": wanted.database, "records": starts[0].records, "http": wanted.http,
             "real": wanted.real, "cores": os.cpu_count()}  # fmt: skip
    values = {"p50": share(seconds, 0.5), "p95": share(seconds, 0.95), "max": seconds[-1],
              "real_max": max(real, default=0.0)}  # fmt: skip
    for name, value in values.items():
        yield {"name": f"tablets_{len(starts)}_{name}_s", "value": round(value, 2), **about}


def share(ordered: Sequence[float], part: float) -> float:
    """The least value that this part of all does not exceed."""
    return ordered[max(0, -(-int(part * 1000) * len(ordered) // 1000) - 1)]


def mark(ident: str, last_change: str) -> int:
    """A live record's part of the checksum (`protocol.md` section 2)."""
    return int.from_bytes(sha256(f"{ident}{last_change}".encode()).digest()[:8])


def main(arguments: Sequence[str]) -> int:
    """Measure, and print."""
    given = dict(argument.split("=", 1) for argument in arguments)
    records, http_tablets, real = (
        int(given.get(name, usual)) for name, usual in (("RECORDS", 10_000), ("HTTP", 96), ("REAL", 4))
    )
    wanted = Wanted(records, http_tablets, real, given.get("ON", "sqlite"))
    with tempfile.TemporaryDirectory(prefix="rounds-tablets-") as folder:
        for line in figures(wanted, start_all(wanted, Path(folder))):
            print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
