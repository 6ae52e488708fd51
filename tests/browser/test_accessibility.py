"""axe over every screen of the tour, in both languages: no finding against WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.house import ROOT, House
from tests.browser.screens import Camera, field_screens, followed_screens, office_screens
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]
AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Moves nothing and fades nothing, so that axe sees colours as they stay.
STILL = "() => document.getAnimations().forEach((one) => one.finish())"
LOOK = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`));
}"""


class Judge(Camera):
    """Goes along the tour of the pictures, and writes down what axe finds on each screen."""

    seen: list[str]
    findings: list[str]

    def take(self, name: str) -> None:
        self.page.evaluate(STILL)
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text())
        self.seen.append(name)
        self.findings += [f"{self.prefix}-{name}: {one}" for one in self.page.evaluate(LOOK, RULES)]


def judge_of(seen: list[str], findings: list[str]) -> Callable[[Page, str, str], Judge]:
    def make(page: Page, language: str, size: str) -> Judge:
        judge = Judge(page, language, size)
        judge.seen, judge.findings = seen, findings
        return judge

    return make


def test_the_judge_sees_what_is_wrong(reading_house: House, tablet: Tablets) -> None:
    """Without it, no finding would prove nothing."""
    findings: list[str] = []
    with tablet() as device:
        page = device.open()
        page.goto(reading_house.address)
        page.get_by_label("账号").evaluate(
            "node => { node.closest('label')?.replaceWith(node); node.id = ''; }"
        )
        page.get_by_role("button", name="登录").evaluate("node => { node.style.color = '#888'; }")
        judge_of([], findings)(page, "zh", "landscape").take("sign-in")
    assert {one.split(": ")[1].split(" at ")[0] for one in findings} == {"label", "color-contrast"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_on_any_screen(
    house: House, tablet: Tablets, photos: list[Path], language: str
) -> None:
    """`design.md` section 7; WCAG 2.2 AA, as far as a machine can tell."""
    seen: list[str] = []
    findings: list[str] = []
    looker = judge_of(seen, findings)
    with tablet() as device:
        device.forgive("401")
        field_screens(device, house, language, "landscape", photos[2:4], looker)
    with tablet(size="office") as desk:
        office_screens(desk, house, language, "office", looker)
    assert len(seen) >= 22, f"the tour has become shorter: {seen}"
    assert findings == [], "\n\n".join(findings)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_on_what_follows_a_finding(
    house: House, tablet: Tablets, photos: list[Path], language: str
) -> None:
    """Evaluating to verifying, PINs, conflicts, parked work, tablets shut out; both ways round."""
    seen: list[str] = []
    findings: list[str] = []
    with tablet() as device:
        # Answers to a wrong code for a PIN, and to a tablet that is shut out.
        device.forgive("401", "403", "/socket.io/")
        followed_screens(device, house, language, photos[2:7], judge_of(seen, findings))
    assert len(seen) >= 64, f"the tour has become shorter: {seen}"
    assert findings == [], "\n\n".join(findings)
