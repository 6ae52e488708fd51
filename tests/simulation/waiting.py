"""I6 and I8, with two connections and a transaction that is held open: who waits for whom?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.simulation.backends import Backend
from tests.simulation.cast import PROJECTS
from tests.simulation.server import Server

PATIENCE = 10.0
"""Seconds after which somebody counts as waiting; what is asked for takes a few milliseconds."""


def i6_spaces_never_wait(backend: Backend, patience: float = PATIENCE) -> Iterator[str]:
    """While a push to one space is about to commit, another space takes one in: by the same process, and by
    another one. SQLite has one writer, and is not asked."""
    server = _served(backend)
    held, free = PROJECTS
    for worker in (0, 1):

        def work(worker: int = worker) -> Any:
            server.worker = worker
            return _push(server, free, f"free-{worker}")

        if not _while_held(server, held, f"held-{worker}", work, patience):
            who = "another process" if worker else "the same process"
            yield f"a push to {free} by {who} waits for one to {held}"


def i8_pull_and_push_never_wait(backend: Backend, patience: float = PATIENCE) -> Iterator[str]:
    """While a push is about to commit, its space is pulled as it was before; while a pull is open, a push
    comes in, and the pull goes on with what it began with."""
    server, space = _served(backend), PROJECTS[0]
    before = _pull(server, space)["head"]
    pulled: list[Any] = []
    if not _while_held(server, space, "held", lambda: pulled.append(_pull(server, space)), patience):
        yield "a pull waits for a push"
    elif pulled[0]["head"] != before:
        yield f"a pull beside a push saw its head {pulled[0]['head']} before it was committed"
    with backend.snapshot(space, server.rights.reader("he", space)) as snapshot:
        head = snapshot.head()
        if not _in_time(backend, lambda: _push(server, space, "beside"), patience):
            yield "a push waits for a pull"
        if snapshot.head() != head or len(snapshot.rows(0, 100)) != head.seq:
            yield "an open pull saw what was committed after it began"


WAITING: Mapping[str, Callable[..., Iterator[str]]] = {
    "I6": i6_spaces_never_wait,
    "I8": i8_pull_and_push_never_wait,
}


def waiting(invariant: str, backend: Backend, patience: float = PATIENCE) -> list[str]:
    """What is wrong with one of them on one store."""
    if invariant == "I6" and backend.name == "sqlite":
        return []
    return list(WAITING[invariant](backend, patience))


def _served(backend: Backend) -> Server:
    return Server(backend)


def _push(server: Server, space: str, ident: str) -> Mapping[str, Any]:
    made = {"id": f"ch-{ident}", "record": f"fi-{ident}", "set": {"note": "a"}}
    change = {"op": "create", "kind": "finding", **made}
    commit = {"id": f"co-{ident}", "n": None, "made_at": "2026-11-23T08:00:00+08:00", "changes": [change]}
    return server.call("he", "tablet", {"call": "push", "space": space, "commits": [commit]})


def _pull(server: Server, space: str) -> Mapping[str, Any]:
    start = {"since": 0, "epoch": "", "at": "", "limit": 100, "checksum": True}
    return server.call("he", "tablet", {"call": "pull", "space": space, **start})


def _while_held(server: Server, space: str, ident: str, work: Callable[[], Any], patience: float) -> bool:
    """Whether work ends while a push to a space has decided, and has not committed."""
    ended: list[bool] = []
    server.worker = 0
    server.held = lambda: ended.append(_in_time(server.backend, work, patience))
    _push(server, space, ident)
    return ended == [True]


def _in_time(backend: Backend, work: Callable[[], Any], patience: float) -> bool:
    """Whether work in a thread of its own ends in time. It is left to end in any case."""
    done = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            backend.leave()
            done.set()

    thread = threading.Thread(target=run)
    thread.start()
    ended = done.wait(patience)
    _LEFT.append(thread)
    return ended and not failures


_LEFT: list[threading.Thread] = []
"""Threads that were waited for in vain, to be joined once what they wait for is over."""


def join_all() -> None:
    """Wait for every thread that was started here."""
    while _LEFT:
        _LEFT.pop().join(60)
