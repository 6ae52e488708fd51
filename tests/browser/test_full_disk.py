"""The tablet's disk fills up while 何桂兰 works: nothing that was saved is lost, and what was not is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.lead import SOON, Lead
from tests.browser.replica import photos_on_the_device
from tests.browser.small_disk import SmallDisk
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]
CAMERA_OFF = re.compile("本机存储将满，已停用拍照")
REFUSED = "存储空间不足，暂不能拍照"
NOT_SAVED = "本机存储已满，没有保存成功"


@pytest.mark.timeout(180)
def test_a_full_disk_loses_nothing_that_was_saved(
    house: House, tablet: Tablets, photos: list[Path], small_disk: SmallDisk
) -> None:
    """X-02, X-11: ballast for two checks, words for the third, and everything at the server in the end."""
    first, second, third = (unit["unit"] for unit in house.client("t07").units_of("T07")[:3])
    device = tablet(mortal=True, disk=small_disk.folder)
    signs_in(device, house)
    house.kill()
    lead = comes_back(device, house)
    lead.open_unit(first)
    lead.start()
    lead.fails(lead.photo_item(), "存储满之前拍的", photos[2:3])
    small_disk.fill()
    lead.all_conform()
    expect(lead.page.get_by_text(CAMERA_OFF)).to_be_visible(timeout=SOON)
    is_refused_the_camera(lead)
    lead.complete()
    expect(lead.page.get_by_text("尚未上传，联网后自动上传")).to_be_visible()
    kept = photos_on_the_device(lead.page)
    assert len(kept) == 1
    device.kill()
    small_disk.fill()
    with device:
        lead = comes_back(device, house)
        expect(lead.page.locator(".pill").first).to_contain_text(re.compile("未上传 1 条.*1 张照片"))
        assert photos_on_the_device(lead.page) == kept
        lead.open_unit(second)
        lead.start()
        small_disk.fill()
        is_not_saved(lead)
        small_disk.clear()
        lead.complete()
        lead.back_to_round()
        house.start()
        lead.everything_is_sent()
        takes_a_photo(lead, third)
    has_arrived(house, {first, second}, kept)


def has_arrived(house: House, units: set[str], photos: dict[str, int]) -> None:
    office = house.client("reviewer")
    assert {row["data"]["unit"] for row in office.newest_checks(2)} == units
    assert len(office.finding("存储满之前拍的")["photos"]) == 1
    for sha256, size in photos.items():
        assert len(office.get(f"/blobs/{sha256}").content) == size


def signs_in(device: Tablet, house: House) -> None:
    """With everything fetched; closed in order, since only then Chromium writes the cookie down at once."""
    lead = Lead(device.open(), house.address)
    lead.begins()
    lead.everything_is_sent()
    device.close()


def comes_back(device: Tablet, house: House) -> Lead:
    page = device.open()
    page.goto(f"{house.address}/field")
    lead = Lead(page, house.address)
    lead.sees_the_round()
    return lead


def camera_button(page: Page) -> None:
    page.get_by_role("button", name="拍照", exact=True).first.click()


def is_refused_the_camera(lead: Lead) -> None:
    """Before the photo is taken, not after."""
    camera_button(lead.page)
    expect(lead.page.get_by_text(REFUSED)).to_be_visible(timeout=SOON)
    expect(lead.page.locator("dialog[open]")).to_have_count(0)


def is_not_saved(lead: Lead) -> None:
    """The last of the ballast is gone: the screen says so, at a touch and at the end, and keeps the draft."""
    page = lead.page
    lead.all_conform()
    expect(page.get_by_text(NOT_SAVED)).to_be_visible(timeout=SOON)
    complete = page.get_by_role("button", name=lead.words["complete"])
    complete.click()
    # While it saves, the button has another name.
    expect(complete).to_be_visible(timeout=SOON)
    expect(page.get_by_text(NOT_SAVED)).to_be_visible()
    expect(page.get_by_text("这次填写的还在屏幕上")).to_be_visible()
    assert "/field/check/" in page.url
    conform = page.locator("[data-item]").get_by_role("radio", name="符合", exact=True)
    expect(conform.first).to_be_checked()


def takes_a_photo(lead: Lead, unit: str) -> None:
    """The ballast is whole again, and the camera opens."""
    lead.open_unit(unit)
    lead.start()
    expect(lead.page.get_by_text(CAMERA_OFF)).to_have_count(0, timeout=SOON)
    item = lead.answer(lead.photo_item())
    camera_button(lead.page)
    lead.page.locator(".camera-shutter:enabled").click(timeout=SOON)
    expect(item.locator("img")).to_have_count(1, timeout=SOON)
