"""Where the time of a push goes: `python -m bench.profile [functions]`.

Runs the workload in this process, against the same app, and prints for each stage the microseconds per
record, and how much of that is spent under the lock; with `functions` the dearest functions of a profiler,
which itself slows Python down but not the database.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient

from bench.house import folder
from bench.lines import say
from bench.workload import SPACE, Tablet, Workload
from server.api.services import EXTENSION, Services
from server.app import create_app
from server.cli import prepare
from server.clock import Clock
from server.config import Settings
from server.demo.accounts import PASSWORD
from server.exchange.shapes import Shapes
from server.serving import collect_garbage_seldom
from server.storage.database import Database, open_database
from server.storage.dialect import Sqlite
from server.storage.transaction import SqlTransaction

CHECKS = 10_000


@contextmanager
def house() -> Iterator[tuple[FlaskClient, Services, Workload]]:
    """The app over a fresh demo, in this process."""
    with folder() as place:
        (place / "app").mkdir()
        settings = Settings(data=place / "data", secret_key="bench", app=place / "app")
        clock, database = Clock(), open_database("", settings.data)
        moment = clock.now()
        prepare(settings, Clock.starting_at(moment.isoformat()), database)
        app = create_app(settings, clock)
        services: Services = app.extensions[EXTENSION]
        yield app.test_client(use_cookies=False), services, Workload(moment)
        database.close()


def signed_in(client: FlaskClient, tablet: Tablet) -> dict[str, str]:
    """The header of a session, its inspection pushed."""
    body = {"username": tablet.account.username, "password": PASSWORD,
            "device": {"id": tablet.device, "name": "bench"}}  # fmt: skip
    token = client.post("/api/v1/session", json=body).json["token"]  # type: ignore[index]
    headers = {"Authorization": f"Bearer {token}"}
    push(client, headers, tablet.opening)
    return headers


def push(client: FlaskClient, headers: dict[str, str], body: bytes) -> None:
    """One push that must be taken in."""
    answer = client.post(f"/api/v1/sync/{SPACE}/push", data=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert b'"parked"' not in answer.data, answer.text


class Stages:
    """Adds up the time of the processor that calls of some functions take, inner ones not counted twice: what
    others do on the machine meanwhile does not show."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    def watch(self, owner: Any, name: str, stage: str) -> None:
        """Count what a method takes as this stage."""
        plain: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            begun = time.thread_time()
            try:
                return plain(*args, **kwargs)
            finally:
                taken = time.thread_time() - begun
                self.seconds[stage] += taken - self._inner.pop()
                if self._inner:
                    self._inner[-1] += taken

        setattr(owner, name, timed)


def stages() -> Stages:
    """The stages of a push, watched from now on."""
    from server.exchange import exchange

    seen = Stages()
    seen.watch(Shapes, "envelope", "read the envelope")
    seen.watch(Shapes, "commit", "judge and hash each commit")
    seen.watch(exchange, "engine_push", "the engine")
    for method in ("receipts", "counters", "records", "changes", "open_conflicts", "parked_by",
                   "parked_waiting_for", "head"):  # fmt: skip
        seen.watch(SqlTransaction, method, "reads")
    seen.watch(SqlTransaction, "write", "write: rows made and the rest")
    seen.watch(Database, "run_many", "write: statements")
    seen.watch(Sqlite, "commit", "commit and flush")
    for projection in ("coverage_projection.CoverageProjection", "blobs_projection.PhotoUses"):
        module, name = projection.split(".")
        owner = getattr(__import__(f"server.storage.{module}", fromlist=[name]), name)
        seen.watch(owner, "apply", f"projection {name}")
    return seen


def main(arguments: Sequence[str]) -> int:
    """Push the workload and say where the time went."""
    with house() as (client, _, workload):
        tablets = [(signed_in(client, one), one.pushes) for one in workload.tablets(CHECKS)]
        seen = None if "functions" in arguments else stages()
        profiler = cProfile.Profile() if seen is None else None
        collect_garbage_seldom()
        begun, started = time.perf_counter(), time.thread_time()
        if profiler:
            profiler.enable()
        for headers, pushes in tablets:
            for body in pushes:
                push(client, headers, body)
        if profiler:
            profiler.disable()
        taken, used = time.perf_counter() - begun, time.thread_time() - started
    say("profile_push_records_per_s", CHECKS / taken, process="this one, one thread")
    say("profile_push_cpu_us_per_record", used / CHECKS * 1e6)
    if profiler:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    if seen:
        rest = used - sum(seen.seconds.values())
        for stage, seconds in [*seen.seconds.items(), ("everything around", rest)]:
            say("profile_push_us_per_record", seconds / CHECKS * 1e6, stage=stage)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
