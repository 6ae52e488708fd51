"""What goes wrong is said, kept and bounded: broken commits, refused photos, a full disk, lost sessions."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser.house import House
from tests.browser.lead import SOON, Lead
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]


def test_a_broken_change_parks_alone_and_the_tablet_says_why(house: House, tablet: Tablets) -> None:
    """That commit waits whole on the server, the other goes through, the tablet names the reason."""
    first, broken, sound = (unit["unit"] for unit in house.client("t07").units_of("T07")[:3])

    def breaks(change: dict) -> None:
        if change["kind"] == "area_check" and change["set"]["unit"] == broken:
            change["set"]["ended_at"] = "yesterday"

    with tablet() as device:
        page = device.open()
        lead = Lead(page, house.address)
        lead.begins()
        device.context.set_offline(True)
        # In the evening today's visit of the demo is over, and the first check begins another. In the broken
        # commit it would rightly hold the sound one back.
        lead.checks(first)
        lead.back_to_round()
        lead.checks(broken)
        lead.back_to_round()
        lead.checks(sound)
        device.context.route("**/push", lambda route: with_changes(route, breaks))
        device.context.set_offline(False)
        pill = page.locator(".pill").first
        expect(pill).to_contain_text("1 条需处理", timeout=SOON)
        pill.click()
        expect(page.get_by_text("服务器暂未接收 1 条")).to_be_visible()
        expect(page.get_by_text("内容完整保存在本机和服务器，没有丢失。")).to_be_visible()
        expect(page.get_by_text("内容不符合规定。")).to_be_visible()
    office = house.client("reviewer")
    parked = json.dumps(office.get("/parked").json())
    assert broken in parked
    assert sound not in parked
    assert {row["data"]["unit"] for row in office.newest_checks(1)} == {sound}


def with_changes(route: Route, spoil: Callable[[dict], None]) -> None:
    """Lets a push through with each of its changes spoilt on the way."""
    body = json.loads(route.request.post_data or "{}")
    for commit in body["commits"]:
        for change in commit["changes"]:
            spoil(change)
    route.continue_(post_data=json.dumps(body))


def test_a_refused_photo_is_shown_with_its_reason_on_both_sides(
    house: House, tablet: Tablets, photos: list[Path]
) -> None:
    """A JPEG that was announced as PNG: the server refuses the bytes, the record stays and says so."""
    unit = house.client("t07").units_of("T07")[0]["unit"]
    with tablet() as device, tablet(size="office") as desk:
        device.forgive("422")
        page = device.open()
        lead = Lead(page, house.address)
        lead.begins()
        device.context.route("**/push", lambda route: with_changes(route, announced_as_png))
        device.context.route("**/blobs/tus", uploaded_as_png)
        lead.checks(unit, "照片不会被接收", photos[6:7])
        page.locator(".pill").first.click()
        expect(page.get_by_text("服务器没有接收这张照片：文件类型与登记的不符")).to_be_visible(timeout=SOON)
        board = desk.open()
        Lead(board, house.address).sign_in("reviewer")
        expect(board.locator(".cell").first).to_be_visible(timeout=SOON)
        board.goto(f"{house.address}/office/coverage/qyl?unit={unit}")
        expect(board.get_by_text("照片不会被接收")).to_be_visible(timeout=SOON)
        expect(board.get_by_text(re.compile("照片未被接收："))).to_be_visible(timeout=SOON)
    finding = house.client("reviewer").finding("照片不会被接收")
    assert len(finding["photos"]) == 1, "the record stays"


def announced_as_png(change: dict) -> None:
    if change["kind"] == "photo":
        change["set"]["mime"] = "image/png"


def uploaded_as_png(route: Route) -> None:
    metadata = dict(pair.split(" ") for pair in route.request.headers["upload-metadata"].split(","))
    assert b64decode(metadata["mime"]) == b"image/jpeg"
    metadata["mime"] = b64encode(b"image/png").decode()
    said = ",".join(f"{key} {value}" for key, value in metadata.items())
    route.continue_(headers={**route.request.headers, "upload-metadata": said})


def test_an_expired_session_keeps_the_work_until_she_signs_in_again(house: House, tablet: Tablets) -> None:
    """X-02: 401 pauses without touching what is unsent."""
    unit = house.client("t07").units_of("T07")[0]["unit"]
    with tablet() as device:
        device.forgive("401")
        page = device.open()
        lead = Lead(page, house.address)
        lead.begins()
        device.context.clear_cookies()
        lead.checks(unit)
        expect(page.get_by_text("登录已过期")).to_be_visible(timeout=SOON)
        expect(page.locator(".pill").first).to_contain_text("未上传 1 条")
        page.get_by_role("link", name="登录").click()
        lead.gives_name_and_password()
        lead.everything_is_sent()
    assert {row["data"]["unit"] for row in house.client("reviewer").newest_checks(1)} == {unit}


@pytest.mark.parametrize("username", ["nobody", "t07"])
def test_wrong_password_and_unknown_user_read_the_same(
    reading_house: House, tablet: Tablets, username: str
) -> None:
    with tablet() as device:
        device.forgive("401")
        page = device.open()
        Lead(page, reading_house.address).sign_in(username, "guess")
        note = page.get_by_role("alert")
        expect(note).to_contain_text("账号或密码不对", timeout=SOON)
        assert note.inner_text().split() == ["账号或密码不对", "请检查大小写后再试。"]
