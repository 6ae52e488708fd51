"""曾可 at the desk: the board changes by itself, and every cell leads to what is behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.house import Client, House
from tests.browser.lead import SOON, Lead
from tests.browser.pictures import write_photos
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]
STATES = ["超期", "待确认", "即将到期", "未查过", "已覆盖", "暂停"]


def open_board(page: Page, house: House) -> None:
    Lead(page, house.address).sign_in("reviewer")
    page.wait_for_url("**/office/coverage/**", timeout=SOON)
    expect(page.locator(".cell").first).to_be_visible(timeout=SOON)


def test_a_synced_check_changes_the_board_within_five_seconds(
    house: House, tablet: Tablets, tmp_path: Path
) -> None:
    """X-10, Q1-4.4j: without reload; then the cell leads to the check, its finding and its photo."""
    client = house.client("reviewer")
    unit = next(
        u
        for u in client.get("/coverage/qyl").json()["units"]
        if is_hers(client, u) and u["state"] != "covered"
    )
    with tablet(size="office") as desk, tablet() as device:
        board = desk.open()
        open_board(board, house)
        cell = board.get_by_role("button", name=re.compile(f"^{unit['code']} "))
        expect(cell).not_to_have_class(re.compile("is-covered"))
        expect(board.get_by_role("status").filter(has_text="实时")).to_be_visible(timeout=SOON)
        board.evaluate("window.stayed = true")
        lead = Lead(device.open(), house.address)
        lead.sign_in()
        lead.sees_the_round()
        lead.open_unit(unit["unit"])
        lead.start()
        item = next(code for code in lead.items() if code not in ("GM-02", "GM-03", "GM-04", "GM-05"))
        lead.fails(item, "看板上要看到的问题", write_photos(tmp_path / "photos", 1))
        lead.all_conform()
        lead.complete()
        expect(cell).to_have_class(re.compile("is-covered"), timeout=5_000)
        assert board.evaluate("window.stayed") is True
        cell.click()
        panel = board.locator(".panel")
        expect(panel.get_by_text("看板上要看到的问题")).to_be_visible(timeout=SOON)
        expect(panel.get_by_text("何桂兰").first).to_be_visible()
        picture = panel.locator(".photos img").first
        expect(picture).to_be_visible(timeout=30_000)
        board.wait_for_function("() => document.querySelector('.photos img')?.naturalWidth > 0", timeout=SOON)


def is_hers(client: Client, unit: dict) -> bool:
    return unit.get("inspector") == person(client, "何桂兰")


def person(client: Client, name: str) -> str:
    groups = client.get("/coverage/qyl").json()["groups"]
    return next(str(group["id"]) for group in groups if group["name"] == name)


def test_every_state_can_be_filtered_and_shared_by_address(house: House, tablet: Tablets) -> None:
    with tablet(size="office") as desk:
        page = desk.open()
        open_board(page, house)
        counts = house.client("reviewer").get("/coverage").json()["projects"]
        counts = next(project for project in counts if project["space"] == "qyl")["counts"]
        assert sum(counts.values()) == 208
        for name, state in zip(
            STATES, ["overdue", "unconfirmed", "due_soon", "never_checked", "covered", "paused"], strict=True
        ):
            page.goto(f"{house.address}/office/coverage/qyl?state={state}")
            if counts[state]:
                expect(page.locator(".cell")).to_have_count(counts[state], timeout=SOON)
            else:
                expect(page.get_by_text("没有符合条件的单元")).to_be_visible(timeout=SOON)
            expect(page.get_by_label("状态")).to_have_value(state)
            expect(page.get_by_label("状态").locator("option:checked")).to_have_text(name)
        for by in ("inspector", "post"):
            page.goto(f"{house.address}/office/coverage/qyl?by={by}")
            expect(page.locator(".cell")).to_have_count(208, timeout=SOON)


def test_the_board_says_when_it_is_not_live(house: House, tablet: Tablets) -> None:
    """X-10: polling is said, and what is shown stays."""
    with tablet(size="office") as desk:
        page = desk.open()
        desk.context.route_web_socket(re.compile("/socket.io/"), lambda socket: socket.close())
        open_board(page, house)
        expect(page.get_by_text(re.compile("实时通道中断"))).to_be_visible(timeout=SOON)
        house.kill()
        expect(page.get_by_text(re.compile("连接不上服务器，显示的是"))).to_be_visible(timeout=40_000)
        expect(page.locator(".cell").first).to_be_visible()


def test_projects_lead_to_their_boards(house: House, tablet: Tablets) -> None:
    with tablet(size="office") as desk:
        page = desk.open()
        open_board(page, house)
        page.get_by_role("link", name="项目总览").click()
        page.get_by_role("link", name="溪桥公寓（演示）").click()
        expect(page).to_have_url(re.compile("/office/coverage/xqgy"))
        expect(page.locator(".cell").first).to_be_visible(timeout=SOON)


def test_what_is_not_there_is_said_and_leads_on(reading_house: House, tablet: Tablets) -> None:
    with tablet(size="office") as desk:
        desk.forgive("404")
        page = desk.open()
        open_board(page, reading_house)
        board = f"{reading_house.address}/office/coverage"
        page.goto(f"{board}/qyl?unit=0193aaaa-0000-7000-8000-000000000000")
        expect(page.get_by_role("heading", name="没有这个单元")).to_be_visible(timeout=SOON)
        page.goto(f"{board}/nowhere")
        expect(page.get_by_text("没有这个项目")).to_be_visible(timeout=SOON)
        expect(page.get_by_text("正在连接")).to_have_count(0)
        page.get_by_role("main").get_by_role("link", name="项目总览").click()
        page.wait_for_url("**/office/projects", timeout=SOON)


def test_an_office_opened_without_a_server_opens_by_itself_once_there_is_one(
    house: House, tablet: Tablets
) -> None:
    """X-10: nothing is claimed to be kept where nothing is shown; who one is can still be left."""
    with tablet(size="office") as desk:
        page = desk.open()
        open_board(page, house)
        page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=SOON)
        house.kill()
        page.reload()
        expect(page.get_by_text("连接不上服务器，连通后自动打开。")).to_be_visible(timeout=SOON)
        expect(page.get_by_role("button", name="退出登录")).to_be_visible()
        house.start()
        expect(page.locator(".cell").first).to_be_visible(timeout=30_000)
