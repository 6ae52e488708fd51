"""`python -m bench [part …]`: all parts, or those named; one JSON line per figure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from bench import raw, sync
from bench.house import running
from bench.workload import Workload
from server.clock import Clock


def on_sqlite() -> None:
    """Push and pull on the embedded database, beside what the machine could do at most."""
    tablets = Workload(Clock().now()).tablets()
    bodies = [body for tablet in tablets for body in tablet.pushes]
    rows = raw.rows_of(bodies)
    raw.json_both_ways(rows)
    raw.empty_endpoint(bodies, len(rows))
    limit = raw.sqlite_full(rows)
    with running() as bench:
        sync.push(bench, "push_records_per_s", limit)
        sync.first_pull(bench)
        sync.small_pulls(bench)


def on_postgres() -> None:
    """The same push on PostgreSQL."""
    tablets = Workload(Clock().now()).tablets()
    limit = raw.postgres(raw.rows_of([body for tablet in tablets for body in tablet.pushes]))
    with running("postgresql") as bench:
        sync.push(bench, "push_postgres_records_per_s", limit)
        sync.first_pull(bench, "first_pull_postgres_records_per_s")


def growth() -> None:
    """The same with ten times the data."""
    with running() as bench:
        sync.pushed(bench)
        sync.growth(bench)


def quick() -> None:
    tablets = Workload(Clock().now()).tablets()
    limit = raw.sqlite_full(raw.rows_of([body for tablet in tablets for body in tablet.pushes]))
    with running() as bench:
        for _ in range(3): sync.push(bench, "push_records_per_s", limit)


PARTS: Mapping[str, Callable[[], None]] = {"sqlite": on_sqlite, "postgresql": on_postgres, "growth": growth, "quick": quick}


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
