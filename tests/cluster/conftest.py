"""The whole cluster, started once: PostgreSQL, Redis, Swift, two app servers, nginx, and the cast inside."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house import House
from tests.people import Person
from tests.remote import Remote
from tools.cluster import Cluster, running_cluster
from tools.cluster.needs import missing_packages
from tools.cluster.swift import is_installed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the cluster."""
    for item in items:
        if "tests/cluster/" in item.nodeid:
            item.add_marker(pytest.mark.cluster)
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Not in memory: Swift keeps attributes that such folders may not have."""
    assert missing_packages() == []
    assert is_installed(), "Swift is missing: python -m tools.cluster.needs installs it"
    folder = Path(tempfile.mkdtemp(prefix="rounds-cluster-"))
    # PostgreSQL, which is not root, must be able to go there.
    folder.chmod(0o755)
    try:
        with running_cluster(folder, prepare=furnish) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def furnish(cluster: Cluster) -> None:
    """Headquarters, two projects and the cast."""
    House(cluster.data, database_url=cluster.database_url).close()


@pytest.fixture
def through(cluster: Cluster) -> Callable[..., Remote]:
    """Signs somebody in through nginx (0) or past it through one app server (1, 2)."""

    def go(person: Person, server: int = 0, device: str | None = None) -> Remote:
        address = cluster.apps[server - 1].address if server else cluster.address
        return Remote(address, person, device).sign_in()

    return go
