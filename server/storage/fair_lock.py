"""A lock that is handed on in the order in which it was asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class FairLock:
    """First come, first served. Not reentrant: a thread that asks twice is told so instead of hanging.

    ``threading.Lock`` lets whoever wakes first have it, and SQLite's busy timeout is a lottery: under steady
    load some writer then waits for many seconds.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._owner: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for one's turn, and hold the lock within the block."""
        self._acquire()
        try:
            yield
        finally:
            self._release()

    def _acquire(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._owner == me:
                raise RuntimeError("a write transaction was opened inside another one")
            if self._owner is None:
                self._owner = me
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()
        self._owner = me

    def _release(self) -> None:
        with self._guard:
            if self._waiting:
                # The owner stays set: nobody may slip in before the one whose turn it is.
                self._owner = -1
                self._waiting.popleft().release()
            else:
                self._owner = None
