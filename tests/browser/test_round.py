"""何桂兰 walks her round: what is due, an area in four taps, a finding with its photo, drafts, midnight."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.lead import SOON, Lead
from tests.browser.pictures import SHANGHAI
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]


def test_her_own_24_units_are_listed_and_no_other_teams(reading_house: House, tablet: Tablets) -> None:
    """Q1-2.1a, Q1-4.4i: grouped by due day, the same units and days as the server has."""
    with tablet() as device:
        lead = Lead(device.open(), reading_house.address)
        lead.begins()
        shown = listed(lead.page)
        expected = reading_house.client("t07").units_of("T07")
        assert set(shown) == {unit["unit"] for unit in expected}
        assert len(shown) == 24
        overdue = {unit["unit"] for unit in expected if unit["due_on"] < today().isoformat()}
        assert overdue_on(lead.page) == overdue


def listed(page: Page) -> list[str]:
    rows = page.locator('a.row[href*="/field/unit/"]').all()
    return [str(row.get_attribute("href")).rsplit("/", 1)[-1] for row in rows]


def overdue_on(page: Page) -> set[str]:
    rows = page.locator("a.row").filter(has=page.locator(".is-overdue")).all()
    return {str(row.get_attribute("href")).rsplit("/", 1)[-1] for row in rows}


def today() -> date:
    return datetime.now(SHANGHAI).date()


def test_an_area_that_passes_takes_at_most_four_taps(house: House, tablet: Tablets) -> None:
    """X-16, from the list to saved, and nobody waits for the network."""
    with tablet(size="portrait") as device:
        page = device.open()
        lead = Lead(page, house.address)
        lead.begins()
        page.evaluate("window.taps = 0; addEventListener('click', () => window.taps++, true)")
        lead.sees_the_round().first.click()
        lead.start()
        lead.all_conform()
        lead.complete()
        assert page.evaluate("window.taps") <= 4
        lead.everything_is_sent()


def test_a_failed_item_asks_for_a_note_and_a_photo_and_becomes_a_finding(
    house: House, tablet: Tablets, photos: list[Path], tmp_path: Path
) -> None:
    """Q1-4.4g, Q1-4.4n, Q1-4.4q; a file that is no photo is refused in words, before anything is saved."""
    unit = house.client("t07").unit("P031-A2")
    with tablet() as device:
        page = device.open()
        lead = Lead(page, house.address)
        lead.begins()
        lead.open_unit(unit)
        lead.start()
        field = lead.answer("CL-04")
        lead.all_conform()
        page.get_by_role("button", name="完成检查").click()
        expect(field.get_by_text("请写明存在的问题")).to_be_visible()
        expect(field.get_by_text("请拍照")).to_be_visible()
        (tmp_path / "note.jpg").write_text("not a photo")
        field.locator('input[type="file"]:not([capture])').set_input_files(tmp_path / "note.jpg")
        expect(field.get_by_text("这台设备打不开这个文件")).to_be_visible(timeout=SOON)
        lead.fails("CL-04", "B1 电梯厅顶角蛛网两处", photos[1:2])
        lead.complete()
        page.get_by_text("B1 电梯厅顶角蛛网两处").first.click()
        page.wait_for_url("**/field/finding/**")
        expect(page.get_by_text("未评定").first).to_be_visible()
        page.go_back()
        lead.everything_is_sent()
    finding = house.client("reviewer").finding("B1 电梯厅顶角蛛网两处")
    asked = (finding["unit"], finding["item"], finding["state"], finding["proposed_class"])
    assert asked == (unit, "CL-04", "open", "MIN")
    assert finding.get("class") is None
    assert len(finding["photos"]) == 1


def test_a_half_done_check_comes_back_after_the_battery_died(house: House, tablet: Tablets) -> None:
    """X-02: a draft is kept at every touch."""
    unit = house.client("t07").unit("P032-A1")
    device = tablet(mortal=True)
    lead = Lead(device.open(), house.address)
    lead.begins()
    lead.open_unit(unit)
    lead.start()
    field = lead.answer("CL-02")
    field.get_by_role("textbox").first.fill("门框积灰")
    kept = lead.page.locator('[aria-busy="false"]', has_text="草稿已保存在本机")
    expect(kept).to_be_visible()
    device.kill()
    with device:
        # Chromium writes a new cookie to the disk within 30 s. Killed before, it forgets the session (401),
        # and the tablet goes on without it.
        device.forgive("401 (UNAUTHORIZED)")
        page = device.open()
        lead = Lead(page, house.address)
        page.goto(f"{house.address}/field")
        lead.sees_the_round()
        lead.open_unit(unit)
        lead.start()
        field = lead.item("CL-02")
        expect(field.get_by_role("radio", name="不符合")).to_be_checked()
        expect(field.get_by_role("textbox").first).to_have_value("门框积灰")


def test_the_turn_of_the_day_recomputes_the_round(reading_house: House, tablet: Tablets) -> None:
    """Q1-4.4j: offline and untouched, the list knows a minute after midnight what has become overdue."""
    units = reading_house.client("t07").units_of("T07")
    due = min(date.fromisoformat(unit["due_on"]) for unit in units if unit["due_on"] >= today().isoformat())
    after = {unit["unit"] for unit in units if unit["due_on"] <= due.isoformat()}
    with tablet() as device:
        page = device.open()
        page.clock.install(time=datetime.now(SHANGHAI))
        lead = Lead(page, reading_house.address)
        lead.begins()
        before = overdue_on(page)
        assert before < after
        device.context.set_offline(True)
        midnight = datetime.combine(due, datetime.min.time(), SHANGHAI) + timedelta(days=1)
        page.clock.fast_forward(int((midnight - datetime.now(SHANGHAI)).total_seconds() + 90) * 1000)
        expect(page.locator("a.row").filter(has=page.locator(".is-overdue"))).to_have_count(len(after))
        assert overdue_on(page) == after
