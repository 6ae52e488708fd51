"""What the server does not take in, and what a stopped tablet holds: told, kept, ended at the desk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.house import House
from tests.browser.lead import SOON, Lead
from tests.browser.quarrel import Device
from tests.browser.replica import rows_on_the_device
from tests.browser.tablet import Tablet
from tests.factories import patch

Tablets = Callable[..., Tablet]
LEAD = "何桂兰"


def opens_office(desk: Tablet, house: House, username: str) -> Page:
    page = desk.open()
    Lead(page, house.address).sign_in(username)
    page.wait_for_url("**/office/**", timeout=SOON)
    return page


def checks_offline(device: Tablet, house: House, count: int = 1) -> tuple[Page, Lead, list[str]]:
    """何桂兰 begins, and then checks some units without network."""
    units = [one["unit"] for one in house.client("t07").units_of("T07")[:count]]
    page = device.open()
    lead = Lead(page, house.address)
    lead.begins()
    device.context.set_offline(True)
    for unit in units:
        lead.checks(unit)
        lead.back_to_round()
    assert not nothing_readable(page), "else its absence later would prove nothing"
    return page, lead, units


def rows_in(page: Page, *stores: str) -> int:
    return sum(count for name, count in rows_on_the_device(page).items() if name.rsplit("/", 1)[1] in stores)


def nothing_readable(page: Page) -> bool:
    """Whether neither records nor photos nor work are left in the browser."""
    return rows_in(page, "base", "view", "outbox", "blobs", "blob_bytes", "drafts") == 0


def puts_nowhere(route: Route, unit: str) -> None:
    """Lets a push through in which the check of this unit names one that nobody knows."""
    body = json.loads(route.request.post_data or "{}")
    for change in (one for commit in body["commits"] for one in commit["changes"]):
        if change["kind"] == "area_check" and change["set"]["unit"] == unit:
            change["set"]["unit"] = "0193aaaa-0000-7000-8000-000000000000"
    route.continue_(post_data=json.dumps(body))


def test_a_parked_commit_is_told_tried_again_and_discarded(house: House, tablet: Tablets) -> None:
    """X-04: later work goes on; the desk sees why and what; the tablet is told who ended it and why."""
    with tablet() as device, tablet(size="office") as desk:
        page, _, units = checks_offline(device, house, 3)
        device.context.route("**/push", lambda route: puts_nowhere(route, units[1]))
        device.context.set_offline(False)
        pill = page.locator(".pill").first
        expect(pill).to_contain_text("1 条需处理", timeout=SOON)
        pill.click()
        expect(page.get_by_text("引用的资料在服务器上找不到，或你无权查看。")).to_be_visible()
        office = opens_office(desk, house, "reviewer")
        assert {row["data"]["unit"] for row in house.client("reviewer").newest_checks(2)} == {
            units[0],
            units[2],
        }
        office.get_by_role("link", name="同步复核").click()
        office.get_by_role("link", name=re.compile("暂存 1")).click()
        office.get_by_role("link", name=re.compile("单元检查")).click()
        expect(office.get_by_text("引用的资料在服务器上找不到，或填写人无权查看。")).to_be_visible(
            timeout=SOON
        )
        office.get_by_role("button", name="重新接收").click()
        office.get_by_role("dialog").get_by_role("button", name="重新接收").click()
        expect(office.get_by_text(re.compile("^仍然暂存"))).to_be_visible(timeout=SOON)
        office.get_by_role("button", name="作废…").click()
        office.get_by_role("dialog").get_by_role("button", name="作废", exact=True).click()
        expect(office.get_by_text("请写明作废理由。")).to_be_visible()
        office.get_by_label("作废理由（填写人会看到）").fill("单元已撤销")
        office.get_by_role("dialog").get_by_role("button", name="作废", exact=True).click()
        expect(office.get_by_text(re.compile("^已作废："))).to_be_visible(timeout=SOON)
        expect(office.get_by_role("link", name=re.compile("暂存 0"))).to_be_visible(timeout=SOON)
        expect(page.get_by_text("由 曾可 作废，理由：单元已撤销")).to_be_visible(timeout=SOON)
        page.get_by_text("查看内容").click()
        expect(page.get_by_text(re.compile("^符合 [0-9]+ 项，不符合 0 项"))).to_be_visible()
        page.get_by_role("button", name="知道了").click()
        expect(page.get_by_text("单元已撤销")).to_have_count(0)
        expect(page.get_by_role("heading", name="全部已上传")).to_be_visible(timeout=SOON)
    assert house.client("reviewer").get("/parked").json()["parked"] == []


def test_a_revoked_tablet_hands_in_what_it_has_and_is_emptied(house: House, tablet: Tablets) -> None:
    """X-14, X-15: revoked at the desk while it is away; nothing unsent is lost, nothing readable stays."""
    with tablet() as device, tablet(size="office") as desk, tablet(size="office") as review:
        # The server ends the socket of whoever is shut out; what was under way on it is answered with 400.
        device.forgive("401", "403", "/socket.io/")
        page, _, units = checks_offline(device, house, 2)
        held = house.client("reviewer").newest_checks(1)
        office = opens_office(desk, house, "admin")
        office.get_by_role("link", name="设备与账号").click()
        mine = office.get_by_role("row").filter(has_text="可以签字").filter(has_text=LEAD)
        expect(mine).to_have_count(1, timeout=SOON)
        mine.get_by_role("button", name=re.compile("^停用")).click()
        office.get_by_label("理由（记入管理日志）").fill("屏幕损坏")
        office.get_by_role("dialog").get_by_role("button", name="停用", exact=True).click()
        expect(office.get_by_role("status").filter(has_text="已停用")).to_be_visible(timeout=SOON)
        device.context.set_offline(False)
        expect(page.get_by_label("账号")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("heading", name="这台平板已被停用")).to_be_visible(timeout=SOON)
        expect(page.get_by_text("清除之前已交给后台：2 条记录")).to_be_visible()
        assert nothing_readable(page)
        assert house.client("reviewer").newest_checks(1) == held, "it waits for a person"
        desk_page = opens_office(review, house, "reviewer")
        desk_page.get_by_role("link", name="同步复核").click()
        desk_page.get_by_role("link", name=re.compile("暂存 2")).click()
        desk_page.get_by_role("link", name="处理全部").click()
        desk_page.get_by_role("button", name="全部接收").click()
        desk_page.get_by_role("dialog").get_by_role("button", name="重新接收").click()
        expect(desk_page.get_by_text("处理完毕：接收 2 条，作废 0 条，仍暂存 0 条")).to_be_visible(
            timeout=SOON
        )
    assert {row["data"]["unit"] for row in house.client("reviewer").newest_checks(2)} == set(units)


def test_a_disabled_user_hands_in_and_sees_nothing_any_more(house: House, tablet: Tablets) -> None:
    """X-14: what was unsent waits for a reviewer, and nobody else of the tablet is kept out."""
    with tablet() as device, tablet(size="office") as desk:
        # The server ends the socket of whoever is shut out; what was under way on it is answered with 400.
        device.forgive("401", "403", "/socket.io/")
        page, lead, _ = checks_offline(device, house, 1)
        office = opens_office(desk, house, "admin")
        office.get_by_role("link", name="设备与账号").click()
        office.get_by_role("link", name="账号", exact=True).click()
        office.wait_for_url("**/office/accounts", timeout=SOON)
        row = office.get_by_role("row").filter(has_text=LEAD)
        row.get_by_role("button", name=re.compile("^停用")).click()
        office.get_by_label("理由（记入管理日志）").fill("调离")
        office.get_by_role("dialog").get_by_role("button", name="停用", exact=True).click()
        expect(office.get_by_text(f"已停用 {LEAD} 的账号")).to_be_visible(timeout=SOON)
        device.context.set_offline(False)
        expect(page.get_by_label("账号")).to_be_visible(timeout=60_000)
        assert nothing_readable(page)
        told = page.get_by_role("heading", name="账号 t07（何桂兰）已被停用")
        expect(told).to_be_visible(timeout=SOON)
        lead.gives_name_and_password()
        expect(page.get_by_role("alert")).to_be_visible(timeout=SOON)
        expect(told).to_be_visible()
        lead.gives_name_and_password("t08")
        lead.sees_the_round()
        page.goto(f"{house.address}/signin")
        expect(page.get_by_label("账号")).to_be_visible(timeout=SOON)
        expect(told).to_have_count(0)
        [parked] = house.client("reviewer").get("/parked").json()["parked"]
        assert parked["reason"]["code"] == "quarantine"


def test_who_loses_a_project_loses_its_records_from_the_tablet(house: House, tablet: Tablets) -> None:
    """X-14: the scope shrinks, what was unsent for it is parked, what may no longer be read is gone."""
    with tablet() as device:
        device.forgive("401", "403", "404", "/socket.io/")
        page, _, _ = checks_offline(device, house, 1)
        before = rows_in(page, "base", "view")
        assert before > 500
        ends_roles(house, "t07")
        device.context.set_offline(False)
        expect(page.get_by_role("heading", name="何桂兰 现在没有任何检查或后台职责")).to_be_visible(
            timeout=60_000
        )
        expect(page.get_by_text("清除之前已交给后台：1 条记录")).to_be_visible()
        assert nothing_readable(page)
    [parked] = house.client("reviewer").get("/parked").json()["parked"]
    assert parked["reason"]["code"] == "forbidden"


def ends_roles(house: House, username: str) -> None:
    """An administrator ends somebody's roles in the demo project, as a commit like any other."""
    admin, person = Device(house, "admin", "管理员电脑"), house.client(username).user
    for row in house.client("admin").of_kind("qyl", "role_assignment"):
        if row["data"]["person"] == person:
            base = {"period": row["versions"].get("period", row["created_by_change"])}
            ended = admin.push(patch("role_assignment", row["id"], base, {"ends_on": "2020-01-02"}))
            assert ended["status"] == "applied", ended
