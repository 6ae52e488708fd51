"""A PostgreSQL of the tests' own: from Debian's package, on a free port, gone when the tests end."""

from __future__ import annotations

import atexit
import ctypes
import functools
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from server.storage.database import open_database
from server.storage.schema import migrate
from tools.needs import postgres_programs

ON_POSTGRES = pytest.param("postgresql", marks=pytest.mark.postgres)
"""The value of a parameter whose tests need PostgreSQL."""

# Nothing is weaker than in production: every commit is flushed, to a folder in memory if there is one.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "150",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "log_min_messages": "warning",
}
MEMORY = Path("/dev/shm")
_PR_SET_PDEATHSIG = 1
TEMPLATE = "rounds_template"


class Cluster:
    """A server with its data folder. ``programs``: the folder of initdb and postgres."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.user = _unprivileged()
        # Never root's: PostgreSQL refuses to run as root, and its data must be its own.
        self.folder = Path(tempfile.mkdtemp(prefix="rounds-pg-", dir=MEMORY if MEMORY.is_dir() else None))
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.data = self.folder / "data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        made = self._run(
            ["initdb", "--pgdata", self.data, "--username", "rounds", "--auth", "trust", "--encoding", "UTF8",
             "--locale", "C", "--no-sync"]
        )  # fmt: skip
        assert made.wait() == 0, self.log

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://rounds@127.0.0.1:{self.port}/{database}"

    @property
    def log(self) -> str:
        """What its programs have said."""
        return (self.folder / "log").read_text(errors="replace")

    def start(self, **settings: str) -> None:
        """Serve, and wait until it answers; ``settings`` on top of the usual ones."""
        chosen = {**SETTINGS, **settings, "port": str(self.port)}
        options = [f"--{name}={value}" for name, value in chosen.items()]
        self._process = self._run(["postgres", "-D", self.data, *options])
        for _ in range(600):
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, self.log
                time.sleep(0.02)
        raise AssertionError(self.log)

    def kill(self) -> None:
        """SIGKILL to all of its processes, as when the power fails."""
        assert self._process is not None
        # Its children have groups of their own, and hold its memory until they notice that it is gone.
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in (self._process.pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(10)

    def remove(self) -> None:
        """Stop it and remove everything of it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, statement: str, *names: str, database: str = "postgres") -> list[Any]:
        """Run one statement as its administrator; ``{}`` stands for names that are quoted."""
        text = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            done = connection.execute(text)
            return done.fetchall() if done.description else []

    def create(self, template: str = "template0") -> str:
        """A fresh database; its name."""
        name = f"rounds_{next(self._numbers)}"
        self.run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, command: list[str | Path]) -> subprocess.Popen[bytes]:
        who: dict[str, Any] = {}
        if self.user is not None:
            who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        program = self.programs / command[0]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [program, *command[1:]],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, preexec_fn=_end_with_us, **who,
            )  # fmt: skip


def _end_with_us() -> None:
    """Also when the tests are killed, and nothing of theirs runs any more."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to run it as; ``None``: as whoever we are."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


@functools.cache
def cluster() -> Cluster:
    """The server that all tests share, with a migrated database to copy."""
    programs = postgres_programs()
    assert programs is not None, "PostgreSQL is missing: apt-get install postgresql"
    made = Cluster(programs)
    atexit.register(made.remove)
    made.start()
    made.run("CREATE DATABASE {}", TEMPLATE)
    database = open_database(made.url(TEMPLATE), made.folder)
    # The lock file of a migration lands in the cluster's own folder, which goes with it.
    migrate(database, made.folder)
    database.close()
    return made


@contextmanager
def fresh_database(template: str = TEMPLATE) -> Iterator[str]:
    """The address of a database of one's own, migrated and otherwise empty; dropped in the end."""
    name = cluster().create(template)
    try:
        yield cluster().url(name)
    finally:
        cluster().drop(name)
