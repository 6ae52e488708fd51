"""Fixtures that several folders share: a house with the cast in it, and its clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house import Client, House
from tests.people import Person
from tests.served import Served


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An app over its own data folder, with headquarters, two projects and the whole cast."""
    built = House(tmp_path / "data")
    yield built
    built.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The same house, served by the real command in a process of its own."""
    built = House(tmp_path / "data")
    built.close()
    running = Served(built.data)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def sign_in(house: House) -> Callable[..., Client]:
    """Signs somebody of the cast in, on his own tablet unless another is named."""

    def go(person: Person, device: str | None = None) -> Client:
        return Client(house, person, device).sign_in()

    return go
