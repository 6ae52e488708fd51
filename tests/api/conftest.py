"""The house of these tests on each database in turn, and houses with more in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.crew import Crew
from tests.api.desk import Desk, Finding
from tests.api.estate import Estate, Tablet
from tests.people import HE_GUILAN, YAO_CHUNYAN, ZENG_KE
from tests.storage.backends import ON_DATABASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever uses a house on each database, unless it is marked as of the embedded one."""
    embedded = metafunc.definition.get_closest_marker("embedded")
    if "database_url" in metafunc.fixturenames and embedded is None:
        metafunc.parametrize("database_url", ON_DATABASES, indirect=True)


@pytest.fixture
def estate(tmp_path: Path, database_url: str) -> Iterator[Estate]:
    """A small estate on the morning of Monday 2 November 2026, nothing checked yet."""
    built = Estate(tmp_path / "data", database_url=database_url)
    yield built
    built.close()


@pytest.fixture
def lead(estate: Estate) -> Tablet:
    """何桂兰 on her tablet."""
    return estate.tablet(HE_GUILAN)


@pytest.fixture
def other(estate: Estate) -> Tablet:
    """姚春燕, a supervisor, on hers."""
    return estate.tablet(YAO_CHUNYAN)


@pytest.fixture
def desk(estate: Estate) -> Desk:
    """曾可 at the desk."""
    found = Desk(estate, ZENG_KE)
    found.sign_in()
    return found


@pytest.fixture
def finding(lead: Tablet) -> Finding:
    """A finding of 何桂兰's."""
    return Finding(lead)


@pytest.fixture
def crew(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """A team with its people; wrong guesses cost the test no time."""
    monkeypatch.setattr("server.api.limits.WRONG_TAKES", 0)
    built = Crew(tmp_path / "data", database_url=database_url)
    yield built
    built.close()
