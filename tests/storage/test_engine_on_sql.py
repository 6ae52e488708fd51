"""The engine's scenarios, played on each database instead of in memory."""

from __future__ import annotations

from typing import Any

import pytest

from tests.storage.backends import SeenSqlStore
from tests.sync import test_cases
from tests.sync.stage import Stage


@pytest.mark.parametrize("case", test_cases.CASES)
def test_scenario(case: dict[str, Any], sql_store: SeenSqlStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(test_cases, "Stage", lambda: Stage(store=sql_store))  # type: ignore[arg-type]
    test_cases.test_case(case)
