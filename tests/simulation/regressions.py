"""Histories that once broke something, shortest form, and the mistake that each of them showed.

`python -m tests.simulation.regressions NAME` prints the entry of a mutant of `mutants/past.py`. An entry is
worth keeping only as long as it shows the mistake when that is put back: test_regressions.py asserts both.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.simulation.history import History, shrink
from tests.simulation.mutants import MUTANTS, catch
from tests.simulation.mutants.catching import reported

FILE = Path(__file__).with_name("regressions.json")


def pinned() -> dict[str, History]:
    """Every pinned history by the name of the mistake."""
    entries = json.loads(FILE.read_text("utf-8"))
    return {
        name: History(0, tuple(entry["users"]), tuple(tuple(step) for step in entry["steps"]))
        for name, entry in entries.items()
    }


def shortest(name: str) -> History:
    """The shortest history found that shows a mistake."""
    mutant = next(one for one in MUTANTS if one.name == name)
    caught = catch(mutant, most=2000)
    assert caught is not None, f"{name} got away"
    with ExitStack() as stack:
        for one in mutant.patches():
            stack.enter_context(one)
        return shrink(caught.history, lambda history: reported(mutant, history) is not None)


if __name__ == "__main__":
    for asked in sys.argv[1:]:
        found = shortest(asked)
        steps = ",\n      ".join(json.dumps(step) for step in found.steps)
        users = json.dumps(found.users)
        print(f'  "{asked}": {{\n    "users": {users},\n    "steps": [\n      {steps}\n    ]\n  }},')
