"""A new version of the app is put in only once nothing is unsent, and the tablet says what it waits for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import ROOT, House
from tests.browser.lead import SOON, Lead
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]
HERE, WAITS = "新版本已下载", "还有未上传的记录，全部上传后再更新"
PUSH = "**/api/v1/sync/*/push"


@pytest.fixture
def own_house(tmp_path: Path, demo_template: Path) -> Iterator[House]:
    """Serves a copy of the product, so that a new version can be put in under it."""
    root = tmp_path / "product"
    for part in ("server", "sync", "schemas", "pwa/dist"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copytree(demo_template, tmp_path / "data")
    running = House(tmp_path / "data", root=root).start()
    yield running
    running.kill()


def test_an_update_waits_until_everything_is_sent(own_house: House, tablet: Tablets) -> None:
    """`protocol.md` section 5: not at a reload either; then one tap puts it in, and nothing is lost."""
    unit = own_house.client("t07").units_of("T07")[0]["unit"]
    with tablet() as device:
        page = device.open()
        lead = Lead(page, own_house.address)
        lead.begins()
        page.route(PUSH, lambda route: route.abort())
        lead.checks(unit)
        a_new_version_comes(own_house)
        page.goto(f"{own_house.address}/field/tablet")
        expect(page.get_by_text(WAITS)).to_be_visible(timeout=SOON)
        page.reload()
        expect(page.get_by_text(WAITS)).to_be_visible(timeout=SOON)
        expect(page.get_by_role("button", name="现在更新")).to_have_count(0)
        assert waits(page)
        page.unroute(PUSH)
        page.get_by_role("button", name="立即上传").click()
        lead.everything_is_sent()
        page.evaluate("window.stayed = true")
        page.get_by_role("main").get_by_role("button", name="现在更新").click()
        page.wait_for_function("() => window.stayed !== true", timeout=SOON)
        lead.everything_is_sent()
        expect(page.get_by_text(HERE)).to_have_count(0)
        assert not waits(page)
    assert [row["data"]["unit"] for row in own_house.client("reviewer").newest_checks(1)] == [unit]


def a_new_version_comes(house: House) -> None:
    worker = house.root / "pwa" / "dist" / "service-worker.js"
    worker.write_text(worker.read_text() + "\n// the next version\n")


def waits(page: Page) -> bool:
    return bool(page.evaluate("navigator.serviceWorker.ready.then((one) => one.waiting !== null)"))
