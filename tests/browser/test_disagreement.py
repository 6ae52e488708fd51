"""Two tablets disagree, the desk decides, both are told; what is signed stays signed."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.following import PROBLEM, classes_anew, evaluates, finds_something, signs
from tests.browser.house import ROOT, House
from tests.browser.lead import SOON, Lead
from tests.browser.quarrel import quarrel
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]
GENERAL, SERIOUS, MINOR = "一般不合格", "严重不合格", "轻微不合格"


def opens_review(desk: Tablet, house: House, where: str = "") -> Page:
    page = desk.open()
    Lead(page, house.address).sign_in("reviewer")
    page.wait_for_url("**/office/coverage/**", timeout=SOON)
    if where:
        page.goto(f"{house.address}/office/review/conflict/{where}")
    else:
        page.get_by_role("link", name="同步复核").click()
    return page


def sides(page: Page) -> list[str]:
    """What the cards of the competing values say, from left to right."""
    expect(page.locator(".conflict-sides > *").first).to_be_visible(timeout=SOON)
    return page.locator(".conflict-sides > *").all_inner_texts()


def is_decided(page: Page, value: str) -> None:
    told = page.get_by_role("status").filter(has_text=re.compile(f"已决定：.*{value}"))
    expect(told).to_be_visible(timeout=SOON)


def both_see_a_finding(lead: Lead, again: Lead, house: House, photos: list[Path]) -> str:
    """Evaluated and unsigned, open on both tablets; its address."""
    finds_something(lead, house, photos[1:2])
    evaluates(lead.page)
    lead.everything_is_sent()
    finding = lead.page.url.removesuffix("/sign")
    lead.page.goto(finding)
    again.begins()
    again.everything_is_sent()
    again.page.goto(finding)
    return finding


def test_two_tablets_class_a_finding_differently_and_the_desk_decides_by_keyboard(
    house: House, tablet: Tablets, photos: list[Path]
) -> None:
    """X-05, X-06: what both had seen, both values, who, when, which tablet; both are told the outcome."""
    with tablet() as first, tablet(size="portrait") as second, tablet(size="office") as desk:
        one, other = first.open(), second.open()
        lead, again = Lead(one, house.address), Lead(other, house.address)
        finding = both_see_a_finding(lead, again, house, photos)
        for device, page, name in ((first, one, SERIOUS), (second, other, MINOR)):
            device.context.set_offline(True)
            classes_anew(page, name)
        for device, who in ((first, lead), (second, again)):
            device.context.set_offline(False)
            who.page.goto(f"{house.address}/field/tablet")
            who.everything_is_sent()
        page = opens_review(desk, house)
        expect(page.get_by_role("link", name=re.compile("冲突 1"))).to_be_visible(timeout=SOON)
        page.keyboard.press("j")
        seen, current, rival = sides(page)
        assert "双方看到的原值" in seen
        assert SERIOUS in current
        assert MINOR in rival
        for side in (current, rival):
            for word in ("何桂兰", "现场时间", "校正", "设备"):
                assert word in side
        expect(page.locator(".conflict-one img").first).to_be_visible(timeout=SOON)
        page.keyboard.press("2")
        page.keyboard.type("现场复看，只是局部")
        page.keyboard.press("Enter")
        is_decided(page, MINOR)
        for page in (one, other):
            page.goto(finding)
            expect(page.get_by_text("曾可 已复核决定")).to_be_visible(timeout=SOON)
            expect(page.locator(".conflict")).to_contain_text(
                re.compile(f"现场复看，只是局部.*{MINOR}", re.S)
            )
    desk_client = house.client("reviewer")
    assert desk_client.finding(PROBLEM)["class"] == "MIN"
    [conflict] = [row["data"] for row in desk_client.of_kind("qyl", "sync_conflict")]
    assert (conflict["state"], conflict["decision_reason"]) == ("resolved", "现场复看，只是局部")


def test_of_two_reviewers_one_decides_and_the_other_is_shown_what_is_now(
    house: House, tablet: Tablets
) -> None:
    """X-06: a third value by mouse; whoever comes second loses nothing that he entered."""
    found = quarrel(house)
    where = found.conflicts["class"]
    with tablet(size="office") as desk, tablet(size="office") as late:
        late.forgive("409")
        page, slow = opens_review(desk, house, where), opens_review(late, house, where)
        for one in (page, slow):
            assert len(sides(one)) >= 2
        # The second desk hears of nothing any more, so that its decision meets a conflict that is decided.
        slow.route_web_socket(re.compile("/socket.io/"), lambda socket: socket.close())
        slow.route(re.compile("/api/v1/conflicts"), lambda route: (
            route.continue_() if route.request.method == "POST" else route.abort()))  # fmt: skip
        page.get_by_text("另定…").click()
        page.get_by_label("不合格类别").select_option(label=MINOR)
        page.get_by_label("理由（必填，双方平板都会看到）").fill("两处都看过，轻微")
        page.get_by_role("button", name=re.compile("确认决定")).click()
        is_decided(page, MINOR)
        slow.get_by_text("保留先到").click()
        slow.get_by_label("理由（必填，双方平板都会看到）").fill("先到的对")
        slow.get_by_role("button", name=re.compile("确认决定")).click()
        expect(slow.get_by_text("曾可 已先作了决定")).to_be_visible(timeout=SOON)
        expect(slow.get_by_text("理由：先到的对")).to_be_visible()
        expect(slow.get_by_text("理由：两处都看过，轻微")).to_be_visible()
        expect(slow.get_by_role("button", name=re.compile("确认决定"))).to_have_count(0)
    client = house.client("reviewer")
    row = client.get(f"/conflicts/{where}").json()["row"]
    [finding] = [one["data"] for one in client.of_kind("qyl", "finding") if one["id"] == row["record"]]
    assert (row["state"], finding["class"]) == ("resolved", "MIN")


def sees_behind_the_cell(office: Page, house: House, words: str) -> None:
    unit = house.client("reviewer").finding(PROBLEM)["unit"]
    office.goto(f"{house.address}/office/coverage/qyl?unit={unit}")
    expect(office.get_by_text(re.compile(words))).to_be_visible(timeout=SOON)


def accepts_the_change(office: Page) -> None:
    office.get_by_role("link", name=re.compile("签后更改 1")).click()
    office.get_by_role("link", name=re.compile(PROBLEM)).click()
    expect(office.get_by_text("当前值有 1 份签字")).to_be_visible(timeout=SOON)
    office.get_by_text("采用后到").click()
    office.get_by_label("理由（必填，双方平板都会看到）").fill("确属严重，请重新签字")
    office.get_by_role("button", name=re.compile("确认决定")).click()
    expect(office.get_by_text("会请责任人重新签字").first).to_be_visible(timeout=SOON)


def test_a_change_after_the_signature_is_decided_signed_anew_and_proven(
    house: House, tablet: Tablets, photos: list[Path]
) -> None:
    """Q1-4.4o, X-07: the old signature stays as evidence; `make verify` proves all, and names a tampering."""
    with tablet(size="portrait") as device, tablet(size="office") as desk:
        page = device.open()
        lead = Lead(page, house.address)
        finds_something(lead, house, photos[1:2])
        evaluates(page)
        signs(page)
        classes_anew(page, SERIOUS)
        lead.everything_is_sent()
        expect(page.get_by_text(re.compile("在签字之后被改动，正在后台复核"))).to_be_visible(timeout=SOON)
        office = opens_review(desk, house)
        accepts_the_change(office)
        sees_behind_the_cell(office, house, "签字之后内容有过更改，需要重新签字")
        expect(page.get_by_text("签后有更改", exact=True)).to_be_visible(timeout=SOON)
        page.get_by_role("link", name="重新签字").click()
        expect(page.get_by_text(SERIOUS).first).to_be_visible(timeout=SOON)
        signs(page)
        lead.everything_is_sent()
        sees_behind_the_cell(office, house, f"{SERIOUS} · 个人责任")
        expect(office.get_by_text(re.compile("已签字"))).to_be_visible(timeout=SOON)
        expect(office.get_by_text("签字之后内容有过更改，需要重新签字")).to_have_count(0)
    office_client = house.client("reviewer")
    assert office_client.get("/parked").json()["parked"] == []
    signatures = office_client.of_kind("qyl", "signature")
    assert len(signatures) == 2, "the first one stays"
    finding = office_client.finding(PROBLEM)
    newest = max(signatures, key=lambda row: row["seq"])
    assert (finding["class"], finding["acknowledgement"]) == ("SER", newest["id"])
    proven = verify(house)
    assert proven.returncode == 0, proven.stdout
    house.stop()
    tampers(house)
    forged = verify(house)
    assert forged.returncode == 1
    assert any(row["id"][-6:] in forged.stdout or row["id"] in forged.stdout for row in signatures), (
        forged.stdout
    )


def tampers(house: House) -> None:
    """Changes the class that was signed, past the server."""
    with sqlite3.connect(house.data / "rounds.sqlite3") as database:
        was, now = '"class":"SER"', '"class":"MIN"'
        sql = "UPDATE records SET data = replace(data, ?, ?) WHERE kind = 'finding' AND data LIKE ?"
        assert database.execute(sql, (was, now, f"%{PROBLEM}%")).rowcount == 1


def verify(house: House) -> subprocess.CompletedProcess[str]:
    """What `make verify` runs."""
    return subprocess.run(
        [sys.executable, "-m", "server.cli", "verify"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "ROUNDS_DATA": str(house.data)}, timeout=100,
    )  # fmt: skip
