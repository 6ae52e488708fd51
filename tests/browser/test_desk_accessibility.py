"""axe over the desk's screens for what people must decide, in both languages: nothing against WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.desk_screens import admin_screens, review_screens
from tests.browser.house import House
from tests.browser.quarrel import quarrel
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import judge_of


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_at_the_desk(house: House, tablet: Callable[..., Tablet], language: str) -> None:
    """`design.md` section 7."""
    seen: list[str] = []
    findings: list[str] = []
    found = quarrel(house)
    with tablet(size="office") as desk:
        review_screens(desk, house, found, language, "small", judge_of(seen, findings))
    with tablet(size="office") as desk:
        admin_screens(desk, house, language, "small", judge_of(seen, findings))
    assert len(seen) >= 14, f"the tour has become shorter: {seen}"
    assert findings == [], "\n\n".join(findings)
