"""Houses with more in them: the estate of the tests of coverage, a team with its people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.crew import Crew
from tests.api.estate import Estate


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """A small estate on the morning of Monday 2 November 2026, nothing checked yet."""
    built = Estate(tmp_path / "data")
    yield built
    built.close()


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """A team with its people; wrong guesses cost the test no time."""
    monkeypatch.setattr("server.api.limits.WRONG_TAKES", 0)
    built = Crew(tmp_path / "data")
    yield built
    built.close()
