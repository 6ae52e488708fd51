"""No network at all, by flight mode and by a dead server, and a photo that is torn in the middle."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.lead import SOON, Lead
from tests.browser.replica import photos_on_the_device
from tests.browser.tablet import Tablet
from tests.browser.wire import Wire

Tablets = Callable[..., Tablet]
PIECE = 128 * 1024
"""So much of a photo goes up in one request (pwa/src/sync/tus.ts)."""


@pytest.mark.parametrize("how", ["flight mode", "dead server"])
def test_a_round_without_network(house: House, tablet: Tablets, photos: list[Path], how: str) -> None:
    """X-01: opened anew without network it lists, checks, takes photos, saves; later it sends by itself."""
    first, second = (unit["unit"] for unit in house.client("t07").units_of("T07")[:2])
    with tablet() as device:
        page = device.open()
        Lead(page, house.address).begins()
        page.close()
        if how == "dead server":
            house.kill()
        else:
            device.context.set_offline(True)
        page = device.open()
        page.goto(f"{house.address}/field")
        lead = Lead(page, house.address)
        lead.sees_the_round()
        assert page.evaluate("navigator.onLine") == (how == "dead server")
        lead.checks(first)
        expect(page.get_by_text("尚未上传，联网后自动上传")).to_be_visible()
        lead.back_to_round()
        lead.checks(second, "离线记录的问题", photos[2:4])
        expect(page.locator(".pill").first).to_contain_text(re.compile("未上传 2 条.*2 张照片"))
        page.locator(".pill").first.click()
        expect(page.get_by_text(re.compile("没有网络。记录都保存在本机"))).to_be_visible(timeout=SOON)
        if how == "dead server":
            house.start()
        else:
            device.context.set_offline(False)
        lead.everything_is_sent(within=90_000)
        assert page.evaluate("performance.getEntriesByType('navigation').length") == 1
    assert len(house.client("reviewer").finding("离线记录的问题")["photos"]) == 2
    assert {row["data"]["unit"] for row in house.client("reviewer").newest_checks(2)} == {first, second}


def test_a_torn_photo_goes_on_where_it_broke_off(house: House, tablet: Tablets, photos: list[Path]) -> None:
    """X-04: the server dies in the middle of the second piece; later only the rest goes over the wire."""
    unit = house.client("t07").units_of("T07")[0]["unit"]
    wire = Wire(house)
    with tablet() as device:
        page = device.open()
        lead = Lead(page, wire.address)
        lead.begins()
        wire.cut(PIECE + PIECE // 2, then=house.kill)
        lead.checks(unit, "照片传到一半断开", photos[4:5])
        ((sha256, size),) = photos_on_the_device(page).items()
        assert size > 2 * PIECE
        page.locator(".pill").first.click()
        expect(page.get_by_text(re.compile("没有网络。记录都保存在本机"))).to_be_visible(timeout=SOON)
        before, wire.photo_bytes = wire.photo_bytes, 0
        assert PIECE < before <= PIECE + PIECE // 2
        offsets = resumed_from(page)
        house.start()
        wire.mend()
        lead.everything_is_sent(within=90_000)
        assert offsets, "the upload did not go on, it began anew"
        assert PIECE <= offsets[0] <= before
        assert wire.photo_bytes == size - offsets[0]
    blob = house.client("reviewer").get(f"/blobs/{sha256}")
    assert (blob.status_code, len(blob.content)) == (200, size)


def resumed_from(page: Page) -> list[int]:
    """Fills up with the offsets that the server names for an upload that it knows."""
    offsets: list[int] = []

    def look(response: object) -> None:
        if response.request.method == "HEAD" and response.status == 200:  # type: ignore[attr-defined]
            offsets.append(int(response.headers["upload-offset"]))  # type: ignore[attr-defined]

    page.on("response", look)
    return offsets
