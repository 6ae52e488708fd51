"""What has waited for a day is red, and says for how long: 何桂兰 opens her tablet on the next morning."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import Locator, expect

from tests.browser.house import House
from tests.browser.lead import SOON, Lead
from tests.browser.pictures import SHANGHAI
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]


def test_an_unsent_record_turns_red_after_a_day(reading_house: House, tablet: Tablets) -> None:
    """X-02: the tablet sleeps for a day short of two minutes, is opened without network, and the day ends."""
    unit = reading_house.client("t07").units_of("T07")[0]["unit"]
    with tablet() as device:
        page = device.open()
        lead = Lead(page, reading_house.address)
        lead.begins()
        device.context.set_offline(True)
        lead.checks(unit)
        expect(page.get_by_text("尚未上传，联网后自动上传")).to_be_visible()
        saved = datetime.now(SHANGHAI)
        page.close()
        page = device.open()
        page.clock.install(time=saved + timedelta(hours=23, minutes=58))
        page.goto(f"{reading_house.address}/field")
        pill = page.locator(".pill").first
        expect(pill).to_contain_text("未上传 1 条", timeout=SOON)
        expect(pill).to_have_class(re.compile("is-due_soon"))
        assert not is_red(pill)
        page.clock.fast_forward("03:00")
        expect(pill).to_have_class(re.compile("is-overdue"))
        assert is_red(pill)
        expect(pill).to_contain_text(re.compile(rf"最早 {saved.month}月{saved.day}日 周. {saved:%H}:"))
        pill.click()
        expect(page.get_by_text(re.compile(r"，已 1 天"))).to_be_visible(timeout=SOON)
        warning = page.get_by_text("最早的记录已超过 24 小时未上传，请尽快到有网络的地方。")
        expect(warning).to_be_visible()
        assert is_red(warning)


def is_red(place: Locator) -> bool:
    """By what is painted, whatever the style sheet calls it."""
    colour = place.evaluate("node => getComputedStyle(node).color")
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return red > 2 * max(green, blue)
