"""Fixtures that several folders share: a house with the cast in it, and its clients."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house import Client, House
from tests.people import Person
from tests.postgres import TEMPLATE, cluster, fresh_database
from tests.served import Served


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the house of this test keeps its data: in SQLite, unless a parameter says ``postgresql``."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
    else:
        # The estate has a clock of its own, so its house is furnished in its own time.
        with fresh_database(TEMPLATE if "estate" in request.fixturenames else furnished()) as url:
            yield url


@functools.cache
def furnished() -> str:
    """The database of a house with the whole cast, to copy."""
    name = cluster().create(TEMPLATE)
    with tempfile.TemporaryDirectory() as folder:
        House(Path(folder) / "data", database_url=cluster().url(name)).close()
    return name


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """An app over its own data folder, with headquarters, two projects and the whole cast."""
    built = House(tmp_path / "data", database_url=database_url)
    yield built
    built.close()


@pytest.fixture
def served(tmp_path: Path, database_url: str) -> Iterator[Served]:
    """The same house, served by the real command in a process of its own."""
    built = House(tmp_path / "data", database_url=database_url)
    built.close()
    running = Served(built.data, database_url)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def sign_in(house: House) -> Callable[..., Client]:
    """Signs somebody of the cast in, on his own tablet unless another is named."""

    def go(person: Person, device: str | None = None) -> Client:
        return Client(house, person, device).sign_in()

    return go
