"""`python -m bench [part …]`: all parts, or those named; one JSON line per figure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from statistics import median

from bench import raw, sync, tablets
from bench.device import on_device
from bench.house import running
from bench.lines import say
from bench.workload import Workload
from server.clock import Clock

ROUNDS = 3


def on_sqlite() -> None:
    """Push and pull on the embedded database, beside what the machine could do at most."""
    bodies, rows = _the_same_bytes()
    json_limit = raw.json_both_ways(rows)
    raw.empty_endpoint(bodies, len(rows))
    with running() as bench:
        # In turns, and the median of each: how fast the disk is changes from minute to minute.
        rounds = [(raw.sqlite_full(rows), sync.pushed(bench)) for _ in range(ROUNDS)]
        say("raw_sqlite_full_records_per_s", median(limit for limit, _ in rounds))
        sync.say_push("push_records_per_s", rounds)
        sync.first_pull(bench, json_limit)
        sync.small_pulls(bench)


def on_postgres() -> None:
    """The same push and first pull on PostgreSQL."""
    rows = _the_same_bytes()[1]
    with running("postgresql") as bench:
        rounds = [(raw.postgres(rows), sync.pushed(bench)) for _ in range(ROUNDS)]
        say("raw_postgres_records_per_s", median(limit for limit, _ in rounds))
        sync.say_push("push_postgres_records_per_s", rounds)
        sync.first_pull(bench, raw.json_both_ways(rows), "first_pull_postgres_records_per_s")


def growth() -> None:
    """How much slower both are with ten times the data."""
    with running() as small, running() as large:
        for bench in (small, large):
            sync.pushed(bench)
        sync.growth(small, large)


def _the_same_bytes() -> tuple[list[bytes], list[raw.Row]]:
    """The bodies of the workload's pushes, and each of their checks as a row."""
    tablets = Workload(Clock().now()).tablets()
    bodies = [body for tablet in tablets for body in tablet.pushes]
    return bodies, raw.rows_of(bodies)


def many_tablets() -> None:
    """A hundred tablets that start at once."""
    tablets.main([])


PARTS: Mapping[str, Callable[[], None]] = {
    "sqlite": on_sqlite,
    "postgresql": on_postgres,
    "growth": growth,
    "device": on_device,
    "tablets": many_tablets,
}


def main(chosen: list[str]) -> int:
    """Run the parts in their order."""
    unknown = [one for one in chosen if one not in PARTS]
    if unknown:
        print(f"no part {unknown[0]}; there are: {' '.join(PARTS)}", file=sys.stderr)
        return 2
    for name, part in PARTS.items():
        if not chosen or name in chosen:
            part()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
