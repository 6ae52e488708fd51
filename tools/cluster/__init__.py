"""Several app servers on one machine, as they would stand on several: `make cluster`.

PostgreSQL, Redis and nginx from Debian's packages, OpenStack Swift from PyPI as the S3-compatible store, and
two app servers. Everything listens on 127.0.0.1 only and ends with whoever started it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.cluster.databases import Postgres, Redis
from tools.cluster.front import App, Nginx
from tools.cluster.programs import HOST, free_ports, is_free
from tools.cluster.swift import Swift

USUAL_PORT = 8090


@dataclass
class Cluster:
    """A cluster that runs. ``settings``: the environment that its servers, and commands beside them, need."""

    address: str
    postgres: Postgres
    redis: Redis
    swift: Swift
    data: Path
    settings: dict[str, str]
    apps: list[App] = field(default_factory=list)
    nginx: Nginx | None = None

    @property
    def database_url(self) -> str:
        """Where the data are."""
        return self.postgres.url

    @property
    def blobs_url(self) -> str:
        """Where the photos are; the credentials stand in ``settings``."""
        return self.swift.blobs_url


@contextmanager
def running_cluster(
    folder: Path, *, apps: int = 2, demo: bool = False, port: int = 0, keep: bool = False,
    say: Callable[[str], None] = lambda _: None, prepare: Callable[[Cluster], None] = lambda _: None,
    **settings: str,
) -> Iterator[Cluster]:  # fmt: skip
    """A cluster over a folder, made at the first time and gone on with later; stopped at the end.

    ``port``: of nginx, 0 for a free one. ``keep``: PostgreSQL's folder stays for the next time; it may lie
    elsewhere, because its user cannot go everywhere. ``prepare`` is called before the app servers start, with
    PostgreSQL, Redis and Swift already running. ``settings``: more environment for the app servers.

    Raises:
        StepFailed: if a part does not come up, with what it said.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        cluster = _back(folder, stack, say, keep)
        cluster.settings |= {"ROUNDS_DEMO": "1" if demo else "0", **settings}
        prepare(cluster)
        ports = free_ports(apps + 1)
        cluster.apps = [
            App(str(number), port, cluster.settings, folder / f"app-{number}.log")
            for number, port in enumerate(ports[1:], 1)
        ]
        say(f"{apps} app servers, on {', '.join(str(app.port) for app in cluster.apps)}")
        stack.callback(_stop_all, cluster.apps)
        for app in cluster.apps:
            app.start()
        for app in cluster.apps:
            app.wait()
        front = port if port and is_free(port) else ports[0]
        cluster.nginx = Nginx(folder / "nginx", front, cluster.apps)
        stack.callback(cluster.nginx.stop)
        cluster.nginx.start()
        cluster.address = f"http://{HOST}:{front}"
        yield cluster


def _back(folder: Path, stack: ExitStack, say: Callable[[str], None], keep: bool) -> Cluster:
    """What the app servers lean on, started side by side."""
    postgres = Postgres(folder / "postgres")
    redis, swift = Redis(folder / "redis"), Swift(folder / "swift")
    say("PostgreSQL, Redis and Swift's four servers")
    if not keep:
        stack.callback(postgres.forget)
    # From this thread all of them: they end with the thread that started them.
    for part in (postgres, redis, swift):
        stack.callback(part.stop)
        part.start()
    for part in (postgres, redis, swift):
        part.wait()
    data = folder / "data"
    settings = {
        "ROUNDS_DATA": str(data), "ROUNDS_DATABASE_URL": postgres.url, "ROUNDS_REDIS_URL": redis.url,
        "ROUNDS_BLOBS_URL": swift.blobs_url, "ROUNDS_SECRET_KEY": _secret(folder / "secret"),
        **swift.credentials,
    }  # fmt: skip
    return Cluster("", postgres, redis, swift, data, settings)


def _stop_all(apps: list[App]) -> None:
    """Side by side: each gives its open sockets two seconds."""
    for app in apps:
        app.program.ask_to_stop()
    for app in apps:
        app.stop()


def _secret(file: Path) -> str:
    """One for all servers, and the same at the next start."""
    if not file.exists():
        file.touch(0o600)
        file.write_text(secrets.token_urlsafe(32))
    return file.read_text()


__all__ = ["App", "Cluster", "running_cluster"]
