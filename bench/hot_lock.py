"""`python -m bench.hot_lock`: does one space's hot lock slow another (I6)? One JSON line per situation.

Two app servers behind nginx over PostgreSQL. One device pushes single commits to space B and waits for each
answer, while eight hammer space A through both servers, or A's row is held open for a second at a time. What
eight that hammer B itself do to it stands beside: the machine shares its cores with all of them.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing.synchronize import Event
from typing import Any

import psycopg

from bench.house import folder
from bench.lines import quantile, say
from tests.factories import inspection, new_id
from tests.house import House
from tests.people import HE_GUILAN, LEAD_AT_XIQIAO, QINGYANLI, XIQIAO, Person
from tests.remote import Remote
from tools.cluster import Cluster, running_cluster

SECONDS, HAMMERING, BATCH, HELD = 8.0, 8, 100, 1.0


def hammer(addresses: list[str], person: Person, space: str, until: Event, count: Any) -> None:
    """Push batches without pause from a few devices, in turn through each server."""

    def work(address: str) -> None:
        device = Remote(address, person, new_id()).sign_in()
        while not until.is_set():
            device.push(space, *(device.commit(inspection(person)) for _ in range(BATCH)))
            with count.get_lock():
                count.value += BATCH

    threads = [
        threading.Thread(target=work, args=(addresses[at % len(addresses)],)) for at in range(HAMMERING)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def hammered(cluster: Cluster, person: Person, space: str, told: dict[str, Any]) -> Iterator[None]:
    """A space that is pushed to without pause, from another process."""
    context = multiprocessing.get_context("spawn")
    until, count = context.Event(), context.Value("i", 0)
    addresses = [app.address for app in cluster.apps]
    process = context.Process(target=hammer, args=(addresses, person, space, until, count))
    process.start()
    try:
        while count.value == 0:
            time.sleep(0.05)
        before, began = count.value, time.monotonic()
        yield
        told["hammered_records_per_s"] = round((count.value - before) / (time.monotonic() - began))
    finally:
        until.set()
        process.join()


@contextmanager
def held(cluster: Cluster, space: str) -> Iterator[None]:
    """A space whose row is locked for a second at a time."""
    until = threading.Event()

    def work() -> None:
        with psycopg.connect(cluster.database_url) as connection:
            while not until.is_set():
                connection.execute("SELECT head FROM spaces WHERE id = %s FOR UPDATE", (space,))
                until.wait(HELD)
                connection.commit()
                until.wait(0.1)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        until.set()
        thread.join()


def latencies(device: Remote, space: str) -> list[float]:
    """Milliseconds of single commits, one after the other."""
    taken, end = [], time.monotonic() + SECONDS
    while time.monotonic() < end:
        commit = device.commit(inspection(device.person))
        begun = time.perf_counter()
        device.push(space, commit)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def main() -> None:
    """Measure each situation."""
    with folder() as place, running_cluster(place, prepare=_furnish) as cluster:
        device = Remote(cluster.address, LEAD_AT_XIQIAO).sign_in()
        latencies(device, XIQIAO)  # connections, prepared statements
        told: dict[str, Any] = {}
        situations: dict[str, Callable[[], Any]] = {
            "quiet": nullcontext,
            "other_space_held": lambda: held(cluster, QINGYANLI),
            "other_space_hammered": lambda: hammered(cluster, HE_GUILAN, QINGYANLI, told),
            "other_space_hammered_and_held": lambda: _both(cluster, told),
            "own_space_hammered": lambda: hammered(cluster, LEAD_AT_XIQIAO, XIQIAO, told),
        }
        for name, situation in situations.items():
            told.clear()
            with situation():
                taken = latencies(device, XIQIAO)
            say(f"hot_lock_{name}_p50_ms", quantile(taken, 0.5), p95=round(quantile(taken, 0.95), 1),
                pushes=len(taken), **told)  # fmt: skip


@contextmanager
def _both(cluster: Cluster, told: dict[str, Any]) -> Iterator[None]:
    with hammered(cluster, HE_GUILAN, QINGYANLI, told), held(cluster, QINGYANLI):
        yield


def _furnish(cluster: Cluster) -> None:
    House(cluster.data, database_url=cluster.database_url).close()


if __name__ == "__main__":
    main()
