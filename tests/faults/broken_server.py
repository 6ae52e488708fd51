"""`python -m tests.faults.broken_server FAULT serve`: the real command with one promise broken on purpose.

``answers-early`` answers a push as applied and commits it a little later, as a write-behind cache would.
``commits-in-halves`` commits log and records of a push apart from its receipt and the head of the space.
``chokes-on-rubbish`` and ``loses-a-neighbour`` are what the fuzzer of pushes must find.
``forgets-parts`` keeps nothing of a piece of a photo whose connection broke.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from server import cli
from server.evidence import tus
from server.exchange import Exchange, shapes
from server.storage.dialect import Sqlite

LATER = 0.25
"""Seconds between an answer and its commit."""


def answer_early() -> None:
    """Pushes are judged in a transaction that is rolled back, answered, and taken in by another thread."""
    push, commit, dry = Exchange.push, Sqlite.commit, threading.local()
    waiting: queue.Queue[tuple[float, Callable[[], object]]] = queue.Queue()

    def commit_unless_dry(self: Sqlite, connection: Any) -> None:
        if getattr(dry, "on", False):
            connection.execute("ROLLBACK")
        else:
            commit(self, connection)

    def push_later(self: Exchange, *arguments: Any) -> dict[str, Any]:
        dry.on = True
        try:
            answer = push(self, *arguments)
        finally:
            dry.on = False
        if threading.active_count() and not getattr(push_later, "running", False):
            push_later.running = True  # type: ignore[attr-defined]
            threading.Thread(target=work, daemon=True).start()
        waiting.put((time.monotonic() + LATER, lambda: push(self, *arguments)))
        return answer

    def work() -> None:
        while True:
            due, act = waiting.get()
            time.sleep(max(0.0, due - time.monotonic()))
            act()

    Sqlite.commit, Exchange.push = commit_unless_dry, push_later  # type: ignore[method-assign,assignment]


def commit_in_halves() -> None:
    """After the records of a push the transaction is committed, and a second one begun for the rest."""
    many = Sqlite.many

    def many_and_commit(self: Sqlite, connection: Any, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        done = many(self, connection, statement, rows)
        if statement.startswith('INSERT INTO "records"'):
            connection.execute("COMMIT")
            time.sleep(0.01)
            connection.execute("BEGIN IMMEDIATE")
        return done

    Sqlite.many = many_and_commit  # type: ignore[method-assign]


def forget_parts() -> None:
    """A piece of a photo that did not arrive whole is thrown away."""
    tus.PIECE = 16 * 1024 * 1024


def choke_on_rubbish() -> None:
    """A commit of a bad shape breaks the request instead of parking alone."""

    def choke(*_: object, **__: object) -> None:
        raise KeyError("what is this?")

    shapes.break_commit = choke  # type: ignore[attr-defined,assignment]


def lose_a_neighbour() -> None:
    """The last commit of a push that holds something broken is answered as applied and dropped."""
    push = Exchange.push

    def push_all_but_one(self: Exchange, space: str, envelope: Any, *rest: Any) -> dict[str, Any]:
        *others, last = envelope["commits"] or [None]
        if not others or not isinstance(last, dict):
            return push(self, space, envelope, *rest)
        answer = push(self, space, {**envelope, "commits": others}, *rest)
        if any(result["status"] == "parked" for result in answer["results"]):
            taken = {
                "commit": last["id"],
                "status": "applied",
                "replayed": False,
                "seqs": {},
                "conflicts": [],
            }
            return {**answer, "results": [*answer["results"], {**taken, "reason": None}]}
        return push(self, space, envelope, *rest)

    Exchange.push = push_all_but_one  # type: ignore[method-assign,assignment]


FAULTS = {
    "chokes-on-rubbish": choke_on_rubbish,
    "loses-a-neighbour": lose_a_neighbour,
    "answers-early": answer_early,
    "commits-in-halves": commit_in_halves,
    "forgets-parts": forget_parts,
}

if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.exit(cli.main(sys.argv[2:]))
