"""The server process: gunicorn with one worker and many threads, one thread per open socket."""

from __future__ import annotations

import gc
import shlex
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

# Measured: 20 threads hung at 100 open sockets, 120 were fine.
THREADS = 120
GARBAGE = (20_000, 20, 50)


class Server(BaseApplication):
    """Runs the app that ``make_app`` builds, in a worker; ``ready`` is called once it listens."""

    def __init__(
        self, make_app: Callable[[], Flask], bind: str, ready: Callable[[], None], arguments: str = ""
    ) -> None:
        self._make_app, self._bind, self._ready, self._arguments = make_app, bind, ready, arguments
        super().__init__()

    def load_config(self) -> None:
        """One worker: pokes go to the sockets of this process, and SQLite has one writer anyway."""
        chosen: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "worker_connections": 1000,
            "keepalive": 30,
            "timeout": 120,
            # Open sockets never end by themselves; without this, stopping takes 30 s.
            "graceful_timeout": 2,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda _: self._ready(),
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)
        given = self.cfg.parser().parse_args(shlex.split(self._arguments))
        for name, value in vars(given).items():
            if value is not None and name != "args":
                self.cfg.set(name.lower(), value)

    def load(self) -> Flask:
        """Called in the worker, after the fork: no connection is shared with the parent."""
        app = self._make_app()
        collect_garbage_seldom()
        return app


def collect_garbage_seldom() -> None:
    """Leave what lives as long as the process alone, and look for cycles less often.

    A push of 100 checks makes some 10,000 lists and objects, none of them in a cycle. With Python's usual
    thresholds that sets the collector off a dozen times per push: 7 of 130 µs per check.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)
