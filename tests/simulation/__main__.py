"""`python -m tests.simulation N SEED`: many histories on all stores, and the mutants.

Every history is played in memory, every 20th on SQLite as well and every 50th on PostgreSQL, where it must
come to the same. Ends in one line; with anything broken, the shortest history stands before it.
See docs/reliability.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.postgres import cluster
from tests.simulation.campaign import Found, Hunt, open_stores, play_chunk, shrunk, waits
from tests.simulation.mutants.hunting import hunt_all

CHUNK = 50


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0 if nothing was broken and no mutant got away."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("n", nargs="?", type=int, default=1000, help="how many histories")
    parser.add_argument("seed", nargs="?", type=int, default=0, help="the seed of the first one")
    parser.add_argument("--no-mutants", action="store_true", help="leave the mutants out")
    asked = parser.parse_args(arguments)
    if asked.n < 1:
        parser.error("no history proves nothing: N is at least 1")
    begun = time.monotonic()
    hunt = Hunt()
    for chunk in _chunks(asked.n, asked.seed):
        hunt.add(chunk)
        if hunt.histories % (max(1, asked.n // CHUNK // 20) * CHUNK) == 0:
            print(f"… {hunt.histories} histories, {time.monotonic() - begun:.0f} s", flush=True)
    waiting = waits()
    free = 0 if asked.no_mutants else _mutants()
    for found in [*hunt.found, *waiting]:
        print(f"\n{found.where}, seed {found.seed}: {found.invariant}: {found.message}")
    if hunt.found:
        print(f"\nThe shortest history that shows it:\n{shrunk(hunt.found[0])}")
    seconds = time.monotonic() - begun
    on = ", ".join(f"{count} on {name}" for name, count in hunt.stores.items())
    print(f"{seconds:.0f} s; {on}; {free} mutants got away")
    broken = len({found.invariant for found in [*hunt.found, *waiting]})
    print(f"{hunt.histories} histories, {hunt.operations} operations, {broken} invariants broken")
    return 1 if broken or free else 0


def _chunks(n: int, seed: int) -> Iterator[Any]:
    """The histories, in chunks, played by as many processes as there are cores."""
    processes = min(os.cpu_count() or 1, max(1, n // CHUNK))
    shared = cluster()
    urls = [shared.url(shared.create("rounds_template")) for _ in range(processes)]
    context = multiprocessing.get_context("fork")
    left = context.Queue()
    for url in urls:
        left.put(url)
    starts = range(seed, seed + n, CHUNK)
    tasks = [(start, min(start + CHUNK, seed + n)) for start in starts]
    with context.Pool(processes, initializer=open_stores, initargs=(left,)) as pool:
        yield from pool.imap_unordered(play_chunk, tasks)
        pool.close()
        pool.join()


def _mutants() -> int:
    """Hunt all mutants and say who caught them; how many got away."""
    print("\nMutants, each with the invariant whose check reports it:")
    results = hunt_all()
    for mutant, caught in results:
        told = f"after {caught.histories} histories" if caught is not None else "GOT AWAY"
        print(f"  {mutant.invariant:4} {mutant.name:24} {told:24} {mutant.says}")
    print("  " + ", ".join(f"{k}: {v}" for k, v in Counter(m.invariant for m, _ in results).items()))
    return sum(caught is None for _, caught in results)


__all__ = ["Found", "main"]

if __name__ == "__main__":
    sys.exit(main())
