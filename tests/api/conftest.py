"""The estate of the tests of coverage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.estate import Estate


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """A small estate on the morning of Monday 2 November 2026, nothing checked yet."""
    built = Estate(tmp_path / "data")
    yield built
    built.close()
