"""Clients in a process of their own, so that they share the machine with the server but no interpreter."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import orjson

from bench.workload import SPACE, Tablet
from server.demo.accounts import PASSWORD

THREADS = 4


@dataclass(frozen=True)
class SignedIn:
    """A tablet with its session."""

    tablet: Tablet
    token: str


class Http:
    """One connection that is kept; every answer must be 200."""

    def __init__(self, port: int, token: str = "") -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The body of the answer."""
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content

    def push(self, body: bytes, space: str = SPACE) -> dict[str, Any]:
        """Push; the answer, in which every commit must be applied."""
        answer: dict[str, Any] = orjson.loads(self.ask("POST", f"/api/v1/sync/{space}/push", body))
        if any(result["status"] != "applied" for result in answer["results"]):
            raise RuntimeError(str(answer["results"][:2]))
        return answer

    def page(self, since: int, epoch: str = "", at: str = "", limit: int = 1000) -> bytes:
        """A page of a pull, as text."""
        query = f"since={since}&epoch={epoch}&at={at}&limit={limit}"
        return self.ask("GET", f"/api/v1/sync/{SPACE}/pull?{query}")

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def sign_in(port: int, tablets: Sequence[Tablet]) -> list[SignedIn]:
    """A session for each tablet; the inspection that its checks belong to is pushed."""
    signed = []
    for tablet in tablets:
        named = {"id": tablet.device, "name": "bench"}
        body = {"username": tablet.account.username, "password": PASSWORD, "device": named}
        http = Http(port)
        token = orjson.loads(http.ask("POST", "/api/v1/session", orjson.dumps(body)))["token"]
        http.close()
        http = Http(port, token)
        http.push(tablet.opening)
        http.close()
        signed.append(SignedIn(tablet, token))
    return signed


def elsewhere(work: Callable[..., Any], *arguments: Any) -> Any:
    """What a function of a module comes to in another process."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(work, arguments)


def push_all(port: int, tablets: Sequence[SignedIn]) -> tuple[float, list[float]]:
    """Push what these tablets have, a few threads at once: seconds in all, milliseconds of each batch."""
    taken: list[float] = []
    failures: list[BaseException] = []

    def work(mine: Sequence[SignedIn]) -> None:
        try:
            with_connections = [(Http(port, one.token), one.tablet.pushes) for one in mine]
            for turn in range(max(len(pushes) for _, pushes in with_connections)):
                for http, pushes in with_connections:
                    if turn < len(pushes):
                        begun = time.perf_counter()
                        http.push(pushes[turn])
                        taken.append((time.perf_counter() - begun) * 1000)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(tablets[at::THREADS],)) for at in range(THREADS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - begun, taken
