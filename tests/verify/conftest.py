"""One small house for all tamperings; each test spoils a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.house import Evidence, SignedHouse, build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> SignedHouse:
    """Made once; never changed."""
    return build(tmp_path_factory.mktemp("signed") / "data")


@pytest.fixture
def evidence(built: SignedHouse, tmp_path: Path) -> Iterator[Evidence]:
    """A copy of the data folder, to be tampered with."""
    shutil.copytree(built.data, tmp_path / "data")
    copy = Evidence(tmp_path / "data", built)
    yield copy
    copy.database.close()
