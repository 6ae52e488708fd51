"""何桂兰 follows a finding up on the spot and offline: evaluated, signed with a PIN, corrected, verified."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.following import FINDING, PROBLEM, enters, evaluates, finds_something, writes
from tests.browser.house import House
from tests.browser.lead import SOON, Lead
from tests.browser.tablet import Tablet
from tests.evidence.proof import Evidence, problems

Tablets = Callable[..., Tablet]


def sealed(house: House, signature: str) -> None:
    """What the real tablet signed was judged and sealed; it is proven here without the product."""
    desk = house.client("reviewer")
    answer = desk.get(f"/signatures/qyl/{signature}").json()
    finding = json.loads(answer["snapshot"])["findings"][0]
    hashes = [photo["sha256"] for photo in finding["photos"]]
    photos = {sha256: desk.get(f"/blobs/{sha256}").content for sha256 in hashes}
    assert len(photos) == 1
    seal_key = desk.get("/seal-key").json()
    assert list(problems(Evidence(answer, seal_key, photos, answer["log"]["chain"]))) == []


def test_signed_corrected_and_verified_without_network(
    house: House, tablet: Tablets, photos: list[Path]
) -> None:
    """Q1-4.4o, Q1-4.6e, Q1-4.6f, X-07: a wrong PIN signs nothing, and the corrector does not verify."""
    with tablet(size="portrait") as device:
        page = device.open()
        lead = Lead(page, house.address)
        finds_something(lead, house, photos[1:2])
        device.context.set_offline(True)
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
    sealed(house, signature["id"])


def test_an_absence_is_recorded_with_its_reason(house: House, tablet: Tablets, photos: list[Path]) -> None:
    """Q1-4.4p: nobody signs for somebody who is not there."""
    with tablet() as device:
        page = device.open()
        lead = Lead(page, house.address)
        finds_something(lead, house, photos[1:2])
        device.context.set_offline(True)
        evaluates(page)
        page.get_by_role("radio", name="不在场").check(force=True)
        expect(page.get_by_role("button", name="数字 1")).to_have_count(0)
        page.get_by_role("button", name="登记不在场").click()
        expect(page.get_by_text("请写明理由")).to_be_visible()
        page.get_by_label("不在场的理由").fill("已下班")
        page.get_by_role("button", name="登记不在场").click()
        page.wait_for_url(FINDING, timeout=SOON)
        expect(page.get_by_text("理由：已下班")).to_be_visible(timeout=SOON)
        device.context.set_offline(False)
        lead.everything_is_sent()
    desk = house.client("reviewer")
    assert desk.finding(PROBLEM)["state"] == "acknowledged"
    [signature] = desk.of_kind("qyl", "signature")
    assert (signature["data"]["act"], signature["data"]["reason"]) == ("absent", "已下班")


def test_a_refusal_is_recorded_with_its_reason(house: House, tablet: Tablets, photos: list[Path]) -> None:
    """Q1-4.4p."""
    with tablet() as device:
        page = device.open()
        lead = Lead(page, house.address)
        finds_something(lead, house, photos[1:2])
        device.context.set_offline(True)
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
    desk = house.client("reviewer")
    assert desk.get("/parked").json()["parked"] == []
    assert desk.finding(PROBLEM)["state"] == "acknowledged"
    [signature] = desk.of_kind("qyl", "signature")
    assert signature["data"]["act"] == "refused"
    sealed(house, signature["id"])
