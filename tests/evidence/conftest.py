"""Desks for the tests of evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.evidence.desk import Desk


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Opens a desk over the data folder of this test; a second call is a restart."""
    opened: list[Desk] = []

    def opener(**options: Any) -> Desk:
        opened.append(Desk(tmp_path / "data", **options))
        return opened[-1]

    yield opener
    for desk in opened:
        desk.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """A desk as it is in production."""
    return open_desk()
