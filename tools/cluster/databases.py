"""PostgreSQL and Redis of the cluster, from Debian's packages."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from functools import partial
from hashlib import sha256
from pathlib import Path

import psycopg
import redis

from tools.cluster.programs import HOST, Program, accepts, free_ports, is_free
from tools.needs import postgres_programs
from tools.steps import StepFailed

DATABASE = "rounds"
# As safe as in production: every commit is flushed.
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
}


class Postgres:
    """A PostgreSQL over a folder that it keeps between two starts. Never root's: it refuses that."""

    def __init__(self, folder: Path) -> None:
        self.user = _unprivileged()
        self.folder = _reachable(folder, self.user)
        self.port = 0
        self.program: Program | None = None

    @property
    def url(self) -> str:
        """What ``ROUNDS_DATABASE_URL`` says."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://rounds@{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Make it at the first start; `wait` follows."""
        programs = postgres_programs()
        assert programs is not None
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            shutil.rmtree(data, ignore_errors=True)
            self._initdb(programs, data)
        self.port = _kept_port(self.folder / "port")
        options = [f"--{name}={value}" for name, value in {**_SETTINGS, "port": self.port}.items()]
        command: list[str | Path] = [programs / "postgres", "-D", data, *options]
        self.program = Program(
            "PostgreSQL", command, self.folder / "log", cwd=self.folder, user=self.user,
            environment=_PLAIN, stop_with=signal.SIGINT,
        )  # fmt: skip
        self.program.start()

    def wait(self) -> None:
        """Wait until it serves, and make the database."""
        assert self.program is not None
        self.program.wait_for(self._answers)
        self._make_database()

    def stop(self) -> None:
        """Stop it; who is connected is cut off."""
        if self.program is not None:
            self.program.stop()

    def forget(self) -> None:
        """Remove what it keeps, wherever that had to be; it was stopped before."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initdb(self, programs: Path, data: Path) -> None:
        options = ["--username", "rounds", "--auth", "trust", "--encoding", "UTF8", "--locale", "C"]
        command: list[str | Path] = [programs / "initdb", "--pgdata", data, *options]
        made = Program("initdb", command, self.folder / "log", cwd=self.folder, user=self.user,
                       environment=_PLAIN)  # fmt: skip
        made.start()
        assert made.process is not None
        if made.process.wait(120) != 0:
            raise StepFailed(f"initdb failed:\n{made.said()}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url_of("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if known is None:
                connection.execute(
                    f"CREATE DATABASE {DATABASE} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0"
                )


class Redis:
    """A Redis that keeps nothing: pokes and counted guesses may be lost."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.program: Program | None = None

    @property
    def url(self) -> str:
        """What ``ROUNDS_REDIS_URL`` says."""
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> None:
        """Start it; `wait` follows."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.port or not is_free(self.port):
            [self.port] = free_ports(1)
        found = shutil.which("redis-server")
        assert found is not None
        command = [found, "--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no",
                   "--dir", str(self.folder)]  # fmt: skip
        self.program = Program("Redis", command, self.folder / "log", cwd=self.folder)
        self.program.start()

    def wait(self) -> None:
        """Wait until it serves."""
        assert self.program is not None
        self.program.wait_for(partial(accepts, self.port))
        redis.Redis.from_url(self.url).ping()

    def stop(self) -> None:
        """Stop it."""
        if self.program is not None:
            self.program.stop()


_PLAIN = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}


def _kept_port(file: Path) -> int:
    if file.exists() and is_free(int(file.read_text())):
        return int(file.read_text())
    [port] = free_ports(1)
    file.write_text(str(port))
    return port


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to run it as; ``None``: as whoever we are."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _reachable(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The folder, or one for it among the temporary ones if its user may not go there."""
    folder.mkdir(parents=True, exist_ok=True)
    if user is None:
        return folder
    os.chown(folder, user.pw_uid, user.pw_gid)
    entered = subprocess.run(
        ["test", "-w", str(folder)],
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        check=False,
        cwd="/",
    )
    if entered.returncode == 0:
        return folder
    other = Path(tempfile.gettempdir()) / f"rounds-cluster-{sha256(str(folder).encode()).hexdigest()[:12]}"
    other.mkdir(exist_ok=True)
    os.chown(other, user.pw_uid, user.pw_gid)
    return other
