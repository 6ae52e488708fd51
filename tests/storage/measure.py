"""How many checks a second each database takes in: `python -m tests.storage.measure`.

Both on the disk below `build/`, in one run, one JSON line each.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from server.config import ROOT
from server.exchange import Identity
from tests import postgres
from tests.factories import area_check, commit, envelope, inspection, new_id, post
from tests.house import House
from tests.people import HE_GUILAN, LEAD_AT_XIQIAO, QINGYANLI, XIQIAO

CHECKS, BATCH = 4_000, 100
PEOPLE = ((HE_GUILAN, QINGYANLI), (LEAD_AT_XIQIAO, XIQIAO))
RESULTS = [{"item": f"CL-{number:02}", "result": "conform", "note": "裂" * 20} for number in range(14)]

Job = tuple[str, Identity, list[dict[str, Any]]]


def job(house: House, number: int, checks: int) -> Job:
    """A device with its round begun: its space, who it is, and what it is going to push."""
    person, space = PEOPLE[number % 2]
    place, visit, device = post(code=f"P{number:03}"), inspection(person), new_id()
    house.bring(space, place)
    identity = Identity(person.id, person.username, device, house.services.rights.of(person.id))
    ns = iter(range(1, checks + 2))
    first = envelope(person, commit(visit, n=next(ns)), device=device)
    house.services.exchange.push(space, first, identity, house.clock.text())
    made = [
        commit(area_check(person, visit["record"], place["record"], results=RESULTS), n=next(ns))
        for _ in range(checks)
    ]
    batches = [made[start : start + BATCH] for start in range(0, checks, BATCH)]
    return space, identity, [envelope(person, *batch, device=device) for batch in batches]


def push_all(house: House, work: Job) -> None:
    """Push what a device has, one batch after the other."""
    space, identity, pushes = work
    for one in pushes:
        answer = house.services.exchange.push(space, one, identity, house.clock.text())
        assert all(result["status"] == "applied" for result in answer["results"]), answer
    house.close()


def measure(backend: str, devices: int) -> None:
    """Say how fast these devices together are."""
    with (
        tempfile.TemporaryDirectory(dir=ROOT / "build") as folder,
        postgres.fresh_database() if backend == "postgresql" else nullcontext("") as url,
    ):
        house = House(Path(folder) / "data", database_url=url)
        jobs = [job(house, number, CHECKS // devices) for number in range(devices)]
        threads = [threading.Thread(target=push_all, args=(house, work)) for work in jobs]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = CHECKS / (time.perf_counter() - started)
        house.close()
    line = {"name": f"push_{backend}_records_per_s", "devices": devices, "value": round(rate)}
    print(json.dumps(line), flush=True)


def main() -> int:
    """Each database in turn, with more and more devices."""
    postgres.MEMORY = ROOT / "build" / "nowhere"
    tempfile.tempdir = str(ROOT / "build")
    for devices in (1, 2, 20):
        for backend in ("sqlite", "postgresql"):
            measure(backend, devices)
    return 0


if __name__ == "__main__":
    sys.exit(main())
