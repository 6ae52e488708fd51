"""Fixtures of the browser stories: a loaded demo project per session, a house per test, quiet tablets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.browser.house import House, demo_house
from tests.browser.tablet import Tablet


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo project of today, loaded once by the real command."""
    data = tmp_path_factory.mktemp("template") / "data"
    house = House(data).start()
    house.stop()
    return data


@pytest.fixture
def house(tmp_path: Path, demo_template: Path) -> Iterator[House]:
    running = demo_house(tmp_path, demo_template).start()
    yield running
    running.kill()


@pytest.fixture
def tablet(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[..., Tablet]]:
    """Makes tablets by name; whatever is left open is closed at the end."""
    made: list[Tablet] = []

    def make(name: str = "tablet", *, size: str = "landscape") -> Tablet:
        made.append(Tablet(playwright, tmp_path / f"profile-{name}", size=size))
        return made[-1]

    yield make
    for one in made:
        one.close()
