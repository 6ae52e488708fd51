"""I6 and I8 on every store: who waits for whom."""

from __future__ import annotations

import pytest

from tests.simulation.backends import backend
from tests.simulation.waiting import WAITING, join_all, waiting
from tests.storage.backends import ON_DATABASES


@pytest.mark.parametrize("invariant", WAITING)
@pytest.mark.parametrize("name", ["memory", *ON_DATABASES])
def test_nobody_waits_who_need_not(name: str, invariant: str) -> None:
    with backend(name) as store:
        try:
            assert waiting(invariant, store) == []
        finally:
            join_all()
