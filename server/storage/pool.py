"""Connections to a database server, lent to one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from server.failures import Failure


class Pool:
    """At most ``most`` connections, the one used last first, opened when there is none to spare.

    Not one per thread for good: a thread per open socket would keep a hundred connections of a server that
    usually allows no more. A writer waits for his space's turn before he takes one, so those who wait for one
    space leave the rest to the others.
    """

    def __init__(
        self, open: Callable[[], Any], usable: Callable[[Any], bool], most: int, patience: float
    ) -> None:
        self._open, self._usable, self._patience = open, usable, patience
        self._free = threading.BoundedSemaphore(most)
        self._guard = threading.Lock()
        self._idle: list[Any] = []

    def take(self) -> Any:
        """A connection that nobody else uses until it is given back; it may have broken since its last use.

        Raises:
            Failure: ``busy`` if none came free in ``patience`` seconds. What ``open`` raises passes.
        """
        if not self._free.acquire(timeout=self._patience):
            raise Failure("busy")
        try:
            with self._guard:
                connection = self._idle.pop() if self._idle else None
            return self._open() if connection is None else connection
        except BaseException:
            self._free.release()
            raise

    def renew(self, broken: Any) -> Any:
        """A new connection for one that was taken and has broken; idle ones are taken to be broken too.

        What ``open`` raises passes; ``broken`` is then still to be given back.
        """
        broken.close()
        self.close()
        return self._open()

    def give_back(self, connection: Any) -> None:
        """End the loan; what is broken or in the middle of something is thrown away."""
        try:
            if self._usable(connection):
                with self._guard:
                    self._idle.append(connection)
            else:
                connection.close()
        finally:
            self._free.release()

    def close(self) -> None:
        """Close what is idle."""
        with self._guard:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
