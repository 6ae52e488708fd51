"""The same histories against several app servers behind nginx, with PostgreSQL, Redis and an S3-compatible
store (`tools/cluster`): whoever kills the server kills all app servers at once."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from server.clock import BUSINESS_ZONE
from server.config import Settings
from tests.simulation.client.hall import Hall
from tests.simulation.client.history import Theatre
from tests.simulation.client.keeping import Keeping
from tests.simulation.client.nursery import Nursery
from tools.cluster import App, Cluster, running_cluster
from tools.needs import postgres_programs

PASSED_OVER = 2.2
"""Seconds for which nginx asks nothing of a server that did not answer. Tablets would wait; desks do not."""


class Databases:
    """The cluster's PostgreSQL as a `Place`."""

    def __init__(self, cluster: Cluster) -> None:
        programs = postgres_programs()
        assert programs is not None
        self.programs, self._cluster, self._numbers = programs, cluster, itertools.count(1)

    def create(self, template: str) -> str:
        """A fresh copy of a database; its name."""
        name = f"history_{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return self._cluster.postgres.url_of(database)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class ManyHalls(Hall):
    """All app servers of a cluster over one data folder and database."""

    def __init__(self, data: Path, keeping: Keeping, nursery: Nursery, cluster: Cluster) -> None:
        super().__init__(data, keeping, nursery)
        self.cluster = cluster
        self.port = int(cluster.address.rpartition(":")[2])
        self.address = f"{cluster.address}/api/v1"

    def start(self) -> None:
        """Serve, and wait until each answers."""
        now = {"ROUNDS_NOW": (datetime.now(BUSINESS_ZONE) + self.ahead).isoformat()} if self.ahead else {}
        settings = {
            **self.cluster.settings, **now, "ROUNDS_DATA": str(self.data),
            "ROUNDS_DATABASE_URL": self.database_url, "ROUNDS_DEVICE_LIMIT": "",
        }  # fmt: skip
        # Those that the cluster came up with serve no history.
        for app in self.cluster.apps:
            app.kill()
        self.cluster.apps[:] = [
            App(app.name, app.port, settings, self.log.with_name(f"app-{app.name}.log"))
            for app in self.cluster.apps
        ]
        for app in self.cluster.apps:
            app.start()
        for app in self.cluster.apps:
            app.wait()
        time.sleep(PASSED_OVER)

    def kill(self) -> None:
        """SIGKILL to all of them."""
        for app in self.cluster.apps:
            app.kill()
        self.kills += 1

    def settings(self) -> Settings:
        """With the photos where the cluster has them."""
        return replace(super().settings(), blobs_url=self.cluster.blobs_url)


class ManyTheatre(Theatre):
    """A theatre whose halls are those of a cluster."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        super().__init__(folder, Databases(cluster))
        self._cluster = cluster

    def hall(self, folder: Path) -> Hall:
        """The cluster's app servers, over a data folder and database of their own."""
        return ManyHalls(*self.furniture.move_in(folder), self.nursery, self._cluster)


@contextmanager
def theatre_on_cluster() -> Iterator[Theatre]:
    """A cluster, and a theatre before it."""
    folder = Path(tempfile.mkdtemp(prefix="rounds-on-cluster-"))
    # PostgreSQL, which is not root, must be able to go there.
    folder.chmod(0o755)
    try:
        with running_cluster(folder / "cluster") as cluster:
            os.environ.update(cluster.swift.credentials)
            built = ManyTheatre(folder, cluster)
            try:
                yield built
            finally:
                built.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
