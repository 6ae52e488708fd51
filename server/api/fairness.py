"""No device keeps the others out: how often and how much at once each may ask (docs/decisions/0017)."""

from __future__ import annotations

import logging
import threading
from collections import Counter

from flask import Flask, current_app, g, request
from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import SlidingWindowCounterRateLimiter

from server.api.limits import limiter
from server.failures import Failure

log = logging.getLogger("rounds")

AT_ONCE = 8
"""Of one device in one process: as many as a browser asks for thumbnails at once, and a push and a pull."""
PUSHES_AT_ONCE = 2
"""Of these. A tablet sends one push at a time; a space takes pushes in one by one, whoever sends them."""
_EXTENSION = "rounds-fairness"


class Fairness:
    """Counts the requests of devices. Thread-safe."""

    def __init__(self, limit: str, storage: Storage) -> None:
        """``limit``: such as ``3000 per minute``.

        Raises:
            ValueError: if it says no such thing.
        """
        self._item: RateLimitItem = parse(limit)
        self._window = SlidingWindowCounterRateLimiter(storage)
        self._guard = threading.Lock()
        self._here: Counter[str] = Counter()

    def begin(self, device: str, most: int, kind: str) -> str:
        """Let a request of a device in; what to `end` it with.

        Raises:
            Failure: ``too_busy_device``, with the time to come back.
        """
        if not self._counted(device):
            wait = max(1, self._item.get_expiry() // 6)
            raise Failure("too_busy_device", headers={"Retry-After": str(wait)})
        key = f"{kind} {device}"
        with self._guard:
            if self._here[key] >= most:
                raise Failure("too_busy_device", headers={"Retry-After": "1"})
            self._here[key] += 1
        return key

    def end(self, key: str) -> None:
        """It was answered."""
        with self._guard:
            self._here[key] -= 1
            if not self._here[key]:
                del self._here[key]

    def _counted(self, device: str) -> bool:
        try:
            return self._window.hit(self._item, "device", device)
        except Exception as error:
            # Where it counts is away: better unfair for a while than shut.
            log.warning("requests of devices cannot be counted: %s", error)
            return True


def register(app: Flask, limit: str) -> None:
    """Be fair between devices; with an empty ``limit`` nothing is counted."""
    if not limit:
        return
    fairness = app.extensions[_EXTENSION] = Fairness(limit, limiter.storage)

    def leave(_: BaseException | None) -> None:
        key = g.pop("fairness", None)
        if key is not None:
            fairness.end(key)

    app.teardown_request(leave)


def admit(device: str) -> None:
    """Count the present request to a device; asked once per request.

    Raises:
        Failure: ``too_busy_device`` if it asks too often, or too much at once.
    """
    fairness: Fairness | None = current_app.extensions.get(_EXTENSION)
    if fairness is None:
        return
    push = request.endpoint == "sync.push"
    g.fairness = fairness.begin(device, PUSHES_AT_ONCE if push else AT_ONCE, "push" if push else "other")
