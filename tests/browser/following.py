"""Following a finding up, as a person does on the tablet: evaluating, signing, changing it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.lead import SOON, Lead

PROBLEM = "电梯厅地面有污渍"
FINDING = re.compile("/field/finding/[^/]+$")


def finds_something(lead: Lead, house: House, photos: list[Path]) -> None:
    """A check with a finding, the PINs of the team fetched, and everything sent."""
    with lead.page.expect_response(re.compile("/api/v1/pins/")):
        lead.begins()
    unit = next(one["unit"] for one in house.client("t07").units_of("T07") if one.get("area"))
    lead.checks(unit, PROBLEM, photos)
    lead.everything_is_sent()


def evaluates(page: Page) -> None:
    """Personal responsibility of whoever holds the post; leads to the sheet that he is to sign."""
    page.get_by_role("link", name="评定问题").click()
    page.get_by_text("个人责任").click()
    page.locator("input[name=person]").first.check(force=True)
    page.get_by_text("限期整改").click()
    page.get_by_text("被检查人在场").click()
    page.get_by_role("button", name="保存评定").click()
    page.wait_for_url("**/sign", timeout=SOON)
    expect(page.get_by_text(PROBLEM)).to_be_visible(timeout=SOON)


def classes_anew(page: Page, name: str) -> None:
    """From the finding's screen back to it."""
    page.get_by_role("link", name="修改评定").click()
    page.get_by_role("radio", name=re.compile(f"^\\s*{name}")).check(force=True)
    page.get_by_role("button", name="保存评定").click()
    page.wait_for_url(FINDING, timeout=SOON)
    expect(page.get_by_role("link", name="修改评定")).to_be_visible(timeout=SOON)


def enters(page: Page, digits: str) -> None:
    for digit in digits:
        page.get_by_role("button", name=f"数字 {digit}").click()


def writes(page: Page) -> None:
    board = page.locator("canvas")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(box["x"] + 60 + step * 8, box["y"] + 60 + (step % 5) * 9)
    page.mouse.up()


def identifies(page: Page) -> None:
    """The responsible person has read the sheet and enters the own PIN."""
    page.get_by_label("本人已阅读以上内容").check()
    enters(page, "000000")
    expect(page.get_by_text(re.compile("已核对"))).to_be_visible(timeout=SOON)


def signs(page: Page) -> None:
    identifies(page)
    writes(page)
    page.get_by_role("button", name="完成签字").click()
    page.wait_for_url(FINDING, timeout=SOON)
    expect(page.get_by_text("签字内容与现在一致")).to_be_visible(timeout=SOON)
