"""`python -m bench.sizing [--write]`: what one project centre costs, measured on a cluster on this machine.

Prints a JSON line per figure; ``--write`` also renews the tables of `docs/sizing.md` from them.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from bench.clients import Http, elsewhere, push_all, sign_in
from bench.house import folder
from bench.lines import milliseconds, quantile, say
from bench.photos import send_photos
from bench.plan import figures_table, plan_table, renewed
from bench.processes import processor_seconds, resident
from bench.workload import Workload
from server.config import ROOT
from server.demo.load import MARK
from tests.remote import Remote
from tools.cluster import Cluster, running_cluster

PAGE = ROOT / "docs" / "sizing.md"
CHECKS, SINGLES, PULLS, PHOTOS, SOCKETS = 4000, 400, 1500, 40, 100


class Sizing:
    """A running cluster and the figures so far."""

    def __init__(self, cluster: Cluster, workload: Workload) -> None:
        self.cluster, self.workload = cluster, workload
        self.port = int(cluster.address.rsplit(":", 1)[1])
        self.figures: dict[str, float] = {}

    def say(self, name: str, value: float, **more: Any) -> None:
        """Print a figure and keep it."""
        self.figures[name] = say(name, value, **more)

    def used(self) -> dict[str, float]:
        """Processor seconds so far: of the app servers, of PostgreSQL, of Swift's object path."""
        postgres = self.cluster.postgres.program
        assert postgres is not None
        return {
            "app": sum(processor_seconds(app.program) for app in self.cluster.apps),
            "postgres": processor_seconds(postgres),
            "store": sum(processor_seconds(program) for program in self.cluster.swift.programs),
        }

    def say_cost(self, name: str, before: dict[str, float], count: int, *parts: str) -> None:
        """What so many of something cost the processors since then, in microseconds each."""
        after = self.used()
        for part in parts:
            self.say(f"{name}_{part}_cpu_us", (after[part] - before[part]) / count * 1e6)


def pushes(sizing: Sizing) -> None:
    """Checks of 2 KB in batches of 100, as after days offline, and one at a time, as on a usual day."""
    for name, checks, batch in (("push_batched", CHECKS, 100), ("push_single", SINGLES, 1)):
        tablets = sign_in(sizing.port, sizing.workload.tablets(checks, 20, batch))
        before = sizing.used()
        seconds, _ = elsewhere(push_all, sizing.port, tablets)
        sizing.say(f"{name}_records_per_s", checks / seconds)
        sizing.say_cost(name, before, checks, "app", "postgres")


def stored(sizing: Sizing) -> None:
    """Bytes on the disk per change, with indexes and receipts; the demo's records are part of the average."""
    with psycopg.connect(sizing.cluster.database_url) as connection:
        rows = connection.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = current_schema()::regnamespace"
        ).fetchall()
        [(changes,)] = connection.execute("SELECT count(*) FROM log").fetchall()
    sizes: dict[str, int] = dict(rows)
    sizing.say("stored_bytes_per_change", sum(sizes.values()) / changes, changes=changes)
    for table in ("log", "records", "receipts"):
        sizing.say(f"stored_{table}_bytes_per_change", sizes[table] / changes)


def pulls(sizing: Sizing) -> None:
    """Pulls that bring nothing: what every tablet does each minute."""
    [reader] = sign_in(sizing.port, sizing.workload.tablets(0, 1))
    http, cursor = Http(sizing.port, reader.token), {"since": 0, "epoch": "", "at": ""}
    while True:
        page = json.loads(http.page(**cursor))  # type: ignore[arg-type]
        cursor = {"since": page["to"], "epoch": page["epoch"], "at": page["at"]}
        if not page["more"]:
            break
    before = sizing.used()
    taken = milliseconds(partial(http.page, **cursor), PULLS)  # type: ignore[arg-type]
    sizing.say("empty_pull_p50_ms", quantile(taken, 0.5))
    sizing.say_cost("empty_pull", before, PULLS, "app", "postgres")


def photos(sizing: Sizing) -> None:
    """Photos of 1,600 × 1,200 pixels: uploaded, hashed, examined, stored in the bucket, read back."""
    [sender] = sign_in(sizing.port, sizing.workload.tablets(0, 1))
    before = sizing.used()
    seconds, size = elsewhere(send_photos, sizing.port, sender.token, PHOTOS)
    sizing.say("photos_per_s", PHOTOS / seconds)
    sizing.say("photo_bytes", size / PHOTOS)
    sizing.say_cost("photo", before, PHOTOS, "app", "store", "postgres")


def sockets(sizing: Sizing) -> None:
    """What an app server costs in memory, empty and for each open socket."""
    app, person = sizing.cluster.apps[0], sizing.workload.tablets(0, 1)[0]
    remote = Remote(app.address, person.account).sign_in()  # type: ignore[arg-type]
    idle = resident(app.program)
    open_sockets = [remote.listen()[0] for _ in range(SOCKETS)]
    sizing.say("app_resident_mb", idle / 1e6)
    sizing.say("socket_resident_kb", (resident(app.program) - idle) / SOCKETS / 1e3)
    for one in open_sockets:
        one.disconnect()


def main(arguments: list[str]) -> None:
    """Measure everything; renew the page if that is asked for."""
    with folder() as place, running_cluster(place, demo=True) as cluster:
        moment = datetime.fromisoformat(json.loads((cluster.data / MARK).read_text())["moment"])
        sizing = Sizing(cluster, Workload(moment))
        for part in (pushes, stored, pulls, photos, sockets):
            part(sizing)
    if "--write" in arguments:
        page = Path(PAGE).read_text(encoding="utf-8")
        page = renewed(page, "figures", figures_table(sizing.figures))
        page = renewed(page, "plan", plan_table(sizing.figures))
        Path(PAGE).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
