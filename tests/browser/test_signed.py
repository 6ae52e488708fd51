"""何桂兰 follows a finding up on the spot and offline: evaluated, signed with a PIN, corrected, verified."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.lead import SOON, Lead
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]
PROBLEM = "电梯厅地面有污渍"
FINDING = re.compile("/field/finding/[^/]+$")


def finds_something(lead: Lead, house: House, photos: list[Path]) -> None:
    """A check with a finding, the PINs of the team fetched, then no network any more."""
    with lead.page.expect_response(re.compile("/api/v1/pins/")):
        lead.begins()
    unit = next(one["unit"] for one in house.client("t07").units_of("T07") if one.get("area"))
    lead.checks(unit, PROBLEM, photos)
    lead.everything_is_sent()
    lead.page.context.set_offline(True)


def evaluates(page: Page) -> None:
    """Personal responsibility of whoever holds the post."""
    page.get_by_role("link", name="评定问题").click()
    page.get_by_text("个人责任").click()
    page.locator("input[name=person]").first.check(force=True)
    page.get_by_text("限期整改").click()
    page.get_by_text("被检查人在场").click()
    page.get_by_role("button", name="保存评定").click()
    page.wait_for_url("**/sign", timeout=SOON)
    expect(page.get_by_text(PROBLEM)).to_be_visible(timeout=SOON)


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


def test_signed_corrected_and_verified_without_network(
    house: House, tablet: Tablets, photos: list[Path]
) -> None:
    """Q1-4.4o, Q1-4.6e, Q1-4.6f, X-07: a wrong PIN signs nothing, and the corrector does not verify."""
    with tablet(size="portrait") as device:
        page = device.open()
        lead = Lead(page, house.address)
        finds_something(lead, house, photos[1:2])
        evaluates(page)
        page.get_by_label("本人已阅读以上内容").check()
        enters(page, "123123")
        expect(page.get_by_text("密码不对，还可以试 4 次")).to_be_visible(timeout=SOON)
        expect(page.locator("canvas")).to_have_count(0)
        enters(page, "000000")
        expect(page.get_by_text(re.compile("已核对"))).to_be_visible(timeout=SOON)
        writes(page)
        page.get_by_role("button", name="完成签字").click()
        page.wait_for_url(FINDING, timeout=SOON)
        expect(page.get_by_text("签字内容与现在一致")).to_be_visible(timeout=SOON)
        page.get_by_role("link", name="登记纠正").click()
        page.get_by_label("纠正结果").fill("已清洗并拖干")
        page.get_by_role("button", name="保存纠正").click()
        page.get_by_role("link", name="验证").click()
        page.get_by_text("通过", exact=True).click()
        page.get_by_role("button", name="保存验证").click()
        page.wait_for_url(FINDING, timeout=SOON)
        expect(page.get_by_text("已关闭")).to_be_visible(timeout=SOON)
        device.context.set_offline(False)
        lead.everything_is_sent()
    desk = house.client("reviewer")
    assert desk.get("/parked").json()["parked"] == []
    assert desk.finding(PROBLEM)["state"] == "closed"
    [signature] = desk.of_kind("qyl", "signature")
    assert (signature["data"]["act"], signature["data"]["outcome"]) == ("signed", "current")
    assert signature["data"]["signer"] == desk.finding(PROBLEM)["responsible_person"]


def test_a_refusal_is_recorded_with_its_reason(house: House, tablet: Tablets, photos: list[Path]) -> None:
    """Q1-4.4p."""
    with tablet() as device:
        page = device.open()
        lead = Lead(page, house.address)
        finds_something(lead, house, photos[1:2])
        evaluates(page)
        page.get_by_text("拒签").click()
        page.get_by_role("button", name="登记拒签").click()
        expect(page.get_by_text("请写明理由")).to_be_visible()
        page.get_by_label("拒签的理由").fill("认为不属于本岗位")
        page.get_by_role("button", name="登记拒签").click()
        page.wait_for_url(FINDING, timeout=SOON)
        expect(page.get_by_text("理由：认为不属于本岗位")).to_be_visible(timeout=SOON)
        device.context.set_offline(False)
        lead.everything_is_sent()
    assert house.client("reviewer").finding(PROBLEM)["state"] == "acknowledged"
