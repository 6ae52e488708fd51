"""The estate of the tests of coverage, and who disagrees in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.desk import Desk, Finding
from tests.api.estate import Estate, Tablet
from tests.people import HE_GUILAN, YAO_CHUNYAN, ZENG_KE


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """A small estate on the morning of Monday 2 November 2026, nothing checked yet."""
    built = Estate(tmp_path / "data")
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
