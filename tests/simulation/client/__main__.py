"""`python -m tests.simulation.client N=20 SEED=1 [LENGTH=30] [HARD=2] [ON=postgresql|cluster]`: histories,
and a summary."""

from __future__ import annotations

import sys
import time
from collections import Counter

from tests.simulation.client.history import theatre
from tests.simulation.client.on_cluster import theatre_on_cluster

KNOWN = {"N", "SEED", "LENGTH", "HARD", "ON"}
PLACES = ("sqlite", "postgresql", "cluster")


def main(arguments: list[str]) -> int:
    """Run N histories from SEED on; 1 if anything broke."""
    given = dict(argument.partition("=")[::2] for argument in arguments)
    strange = sorted(given.keys() - KNOWN) or [given["ON"]] * (given.get("ON", "sqlite") not in PLACES)
    if strange:
        print(f"{strange[0]}? {__doc__}", file=sys.stderr)
        return 2
    count, first = int(given.get("N", "5")), int(given.get("SEED", "1"))
    length, hard = int(given.get("LENGTH", "30")), int(given.get("HARD", "2"))
    figures: Counter[str] = Counter()
    broken = 0
    started = time.monotonic()
    on = given.get("ON", "sqlite")
    with theatre_on_cluster() if on == "cluster" else theatre(postgres=on == "postgresql") as built:
        for seed in range(first, first + count):
            begun = time.monotonic()
            outcome = built.run(seed, length, hard)
            figures += outcome.figures
            print(f"history {seed}: {time.monotonic() - begun:.1f} s, {dict(outcome.figures)}", flush=True)
            if outcome.problems:
                broken += 1
                print(f"BROKEN SEED={seed} LENGTH={length} HARD={hard}")
                print("\n".join(f"  {step}" for step in outcome.plan.steps))
                print("\n".join(f"  {problem[:500]}" for problem in outcome.problems[:20]))
    seconds = time.monotonic() - started
    saved = figures["saved"]
    print(f"{count} histories, {saved} commits saved, {broken} broken; {seconds:.0f} s; {dict(figures)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
