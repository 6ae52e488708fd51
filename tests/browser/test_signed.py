"""何桂兰 follows a finding up on the spot and offline: evaluated, signed with a PIN, corrected, verified."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
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


@pytest.mark.parametrize(
    ("choice", "act", "reason"), [("拒签", "refused", "认为不属于本岗位"), ("不在场", "absent", "已下班")]
)
def test_who_does_not_sign_is_recorded_with_the_reason(
    house: House, tablet: Tablets, photos: list[Path], choice: str, act: str, reason: str
) -> None:
    """Q1-4.4p: nobody signs for somebody who will not or is not there, and no PIN is asked for."""
    with tablet() as device:
        page = device.open()
        lead = Lead(page, house.address)
        finds_something(lead, house, photos[1:2])
        device.context.set_offline(True)
        evaluates(page)
        page.get_by_role("radio", name=choice).check(force=True)
        expect(page.get_by_role("button", name="数字 1")).to_have_count(0)
        page.get_by_role("button", name=f"登记{choice}").click()
        expect(page.get_by_text("请写明理由")).to_be_visible()
        page.get_by_label(f"{choice}的理由").fill(reason)
        page.get_by_role("button", name=f"登记{choice}").click()
        page.wait_for_url(FINDING, timeout=SOON)
        expect(page.get_by_text(f"理由：{reason}")).to_be_visible(timeout=SOON)
        device.context.set_offline(False)
        lead.everything_is_sent()
    desk = house.client("reviewer")
    assert desk.finding(PROBLEM)["state"] == "acknowledged"
    [signature] = desk.of_kind("qyl", "signature")
    assert (signature["data"]["act"], signature["data"]["reason"]) == (act, reason)
