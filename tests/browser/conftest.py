"""Fixtures of the browser stories: one Chromium and one demo project per session, houses, quiet tablets."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.house import House
from tests.browser.pictures import write_photos
from tests.browser.small_disk import SmallDisk
from tests.browser.tablet import Tablet, start_chromium


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = start_chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo project of today, loaded once by the real command."""
    data = tmp_path_factory.mktemp("template") / "data"
    House(data).start().stop()
    return data


@pytest.fixture
def house(tmp_path: Path, demo_template: Path) -> Iterator[House]:
    """A house of one's own, for stories that write or kill."""
    shutil.copytree(demo_template, tmp_path / "data")
    running = House(tmp_path / "data").start()
    yield running
    running.kill()


@pytest.fixture(scope="session")
def reading_house(tmp_path_factory: pytest.TempPathFactory, demo_template: Path) -> Iterator[House]:
    """One house for all stories that only look."""
    data = tmp_path_factory.mktemp("reading") / "data"
    shutil.copytree(demo_template, data)
    running = House(data).start()
    yield running
    running.kill()


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Thirty real photos, the first of 12 megapixels."""
    return write_photos(tmp_path_factory.mktemp("photos"), 30)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of 96 MB: a profile takes 20, the ballast 16, and finding out how much fits another 6."""
    disk = SmallDisk(tmp_path / "small-disk", megabytes=96)
    yield disk
    disk.unmount()


@pytest.fixture
def tablet(playwright: Playwright, chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Tablet]]:
    """Makes tablets; ``mortal`` ones are a process of their own, on ``disk``. All are closed at the end."""
    made: list[Tablet] = []

    def make(*, size: str = "landscape", mortal: bool = False, disk: Path = tmp_path) -> Tablet:
        profile = disk / f"profile-{len(made)}" if mortal else None
        made.append(Tablet(playwright, chromium, profile=profile, size=size))
        return made[-1]

    yield make
    for one in made:
        one.close()
