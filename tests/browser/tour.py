"""The tour of what follows a finding, of what the office did with work, and of a tablet that was shut out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Page, expect

from tests.browser.following import FINDING
from tests.browser.house import House
from tests.browser.lead import NO_PHOTO, SOON, Lead
from tests.browser.quarrel import SPACE, Device, evaluate
from tests.browser.tablet import Tablet

NOTES = ("电梯厅地面有污渍，踢脚线积灰", "消火栓箱门关不严", "玻璃门有手印", "垃圾桶外壁未擦")
NOBODY = "0193aaaa-0000-7000-8000-000000000000"


class Looks(Protocol):
    """Whoever is told of every screen."""

    def take(self, name: str, below: str = "") -> None: ...


@dataclass
class Tour:
    """One tablet of 何桂兰 on its way, in one language, and whoever looks."""

    device: Tablet
    lead: Lead
    house: House
    words: dict[str, str]
    looks: Looks
    photos: list[Path]

    @property
    def page(self) -> Page:
        return self.lead.page

    def opens(self, path: str) -> None:
        self.page.goto(f"{self.house.address}/field/{path}")
        expect(self.page.locator("#main")).to_be_visible(timeout=SOON)

    def takes(self, name: str, below: str = "") -> None:
        """A look from the top, and one more with what stands at ``below`` brought to sight."""
        self.page.locator("#main").evaluate("(main) => { main.scrollTop = 0 }")
        self.looks.take(name)
        if below:
            self.looks.take(f"{name}-below", below)

    def presses(self, word: str) -> None:
        self.page.get_by_role("button", name=self.words[word], exact=True).click()

    def picks(self, name: str, value: str) -> None:
        self.page.locator(f'input[name={name}][value="{value}"]').check(force=True)

    def enters(self, pin: str) -> None:
        for digit in pin:
            self.page.get_by_role("button", name=f"{self.words['digit']} {digit}").click()

    def writes(self) -> None:
        board = self.page.locator("canvas")
        board.scroll_into_view_if_needed()
        box = board.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 60, box["y"] + 60)
        self.page.mouse.down()
        for step in range(24):
            self.page.mouse.move(box["x"] + 60 + step * 9, box["y"] + 70 + (step % 6) * 11)
        self.page.mouse.up()


def following_screens(tour: Tour) -> None:
    """From a check with four findings to a wiped tablet; the server is really asked for all of it."""
    with tour.page.expect_response(re.compile("/api/v1/pins/")):
        tour.lead.sees_the_round()
    findings = finds_four(tour)
    tour.opens("conflicts")
    tour.looks.take("conflicts-none")
    signs_and_corrects(tour, findings[0])
    refuses_after_a_lock(tour, findings[1])
    quarrels(tour, findings[2])
    is_settled(tour)
    is_shut_out(tour)


def finds_four(tour: Tour) -> list[str]:
    """A check that fails four items; their findings' ids, as the server has them."""
    lead = tour.lead
    units = tour.house.client("t07").units_of("T07")
    lead.open_unit(next(one["unit"] for one in units if one.get("area")))
    lead.start()
    codes = [code for code in lead.items() if code not in NO_PHOTO][: len(NOTES)]
    for code, note, photo in zip(codes, NOTES, tour.photos, strict=False):
        lead.fails(code, note, [photo])
    lead.all_conform()
    lead.complete()
    lead.everything_is_sent()
    check = lead.page.url.rsplit("/", 1)[1]
    rows = [
        row for row in tour.house.client("t07").of_kind(SPACE, "finding") if row["data"]["check"] == check
    ]
    by_note = {row["data"]["description"]: str(row["id"]) for row in rows}
    return [by_note[note] for note in NOTES]


def evaluates(tour: Tour, finding: str, looking: bool) -> None:
    tour.opens(f"finding/{finding}/evaluate")
    tour.page.locator("input[name=attribution]").first.wait_for(state="attached")
    if looking:
        tour.presses("save evaluation")
        tour.takes("evaluate-missing")
    tour.picks("attribution", "personal")
    tour.page.locator("input[name=person]").first.check(force=True)
    tour.picks("disposition", "correct_by")
    tour.picks("present", "present")
    if looking:
        tour.takes("evaluate", "fieldset:last-of-type")
    tour.presses("save evaluation")
    tour.page.wait_for_url("**/sign", timeout=SOON)
    expect(tour.page.get_by_label(tour.words["read"])).to_be_visible(timeout=SOON)


def signs_and_corrects(tour: Tour, finding: str) -> None:
    page = tour.page
    tour.opens(f"finding/{finding}")
    expect(page.get_by_role("link", name=tour.words["evaluate"])).to_be_visible(timeout=SOON)
    tour.looks.take("finding-open")
    evaluates(tour, finding, looking=True)
    tour.takes("sign", ".pin")
    page.get_by_label(tour.words["read"]).check()
    tour.enters("123123")
    expect(page.locator(".identify [role=alert]")).to_be_visible(timeout=SOON)
    tour.looks.take("sign-wrong-pin", ".identify")
    tour.enters("000000")
    expect(page.get_by_text(re.compile(tour.words["known"]))).to_be_visible(timeout=SOON)
    tour.writes()
    tour.looks.take("sign-written", ".handwriting")
    tour.presses("finish")
    page.wait_for_url(FINDING, timeout=SOON)
    expect(page.locator(".standing")).to_be_visible(timeout=SOON)
    tour.takes("finding-signed", ".standing")
    page.get_by_role("link", name=tour.words["correct"]).click()
    page.get_by_label(tour.words["result"]).fill("已清洗并拖干，踢脚线已擦净")
    page.locator('.after input[type="file"]').set_input_files(str(tour.photos[len(NOTES)]))
    expect(page.locator(".after img")).to_have_count(1, timeout=SOON)
    tour.takes("correct", ".after")
    tour.presses("save correction")
    page.get_by_role("link", name=tour.words["verify"]).click()
    tour.picks("verdict", "failed")
    tour.looks.take("verify-failed")
    tour.picks("verdict", "passed")
    tour.looks.take("verify")
    tour.presses("save verification")
    page.wait_for_url(FINDING, timeout=SOON)
    expect(page.get_by_text(tour.words["closed"], exact=True)).to_be_visible(timeout=SOON)
    tour.takes("finding-closed", ".course")


def refuses_after_a_lock(tour: Tour, finding: str) -> None:
    """Five wrong PINs, what to do then, a wrong code, and at last a refusal."""
    page = tour.page
    evaluates(tour, finding, looking=False)
    for _ in range(5):
        expect(page.locator(".pin-key").first).to_be_enabled(timeout=SOON)
        tour.enters("111111")
    expect(page.get_by_text(re.compile(tour.words["locked"]))).to_be_visible(timeout=SOON)
    tour.looks.take("sign-locked", ".identify-go")
    page.get_by_role("link", name=tour.words["new pin"]).click()
    page.get_by_label(tour.words["code"]).wait_for()
    page.locator(".note").wait_for()
    tour.looks.take("pin")
    page.get_by_label(tour.words["code"]).fill("12345678")
    page.get_by_label(tour.words["fresh"]).fill("271828")
    page.get_by_label(tour.words["again"]).fill("271828")
    tour.presses("set")
    expect(page.locator(".note-overdue")).to_be_visible(timeout=SOON)
    tour.looks.take("pin-refused")
    tour.opens(f"finding/{finding}/sign")
    tour.picks("act", "refused")
    page.get_by_label(tour.words["why"]).fill("认为不属于本岗位")
    page.locator("input[name=witness]").nth(1).check(force=True)
    tour.takes("sign-refuse", "fieldset:last-of-type")
    tour.presses("record refusal")
    page.wait_for_url(FINDING, timeout=SOON)
    expect(page.locator(".standing")).to_be_visible(timeout=SOON)
    tour.takes("finding-refused", ".standing")


def quarrels(tour: Tour, finding: str) -> None:
    """何桂兰 on another tablet, and the director, evaluated the same finding without knowing."""
    tour.lead.everything_is_sent()
    row = next(one for one in tour.house.client("t07").of_kind(SPACE, "finding") if one["id"] == finding)
    Device(tour.house, "t07", "保洁平板 08").push(evaluate(row), hours_ago=0.4)
    director = Device(tour.house, "director", "主任平板 01")
    [conflict] = director.push(evaluate(row, **{"class": "SER"}), hours_ago=0.2)["conflicts"]
    assert conflict
    tour.opens("conflicts")
    expect(tour.page.locator(".conflict").first).to_be_visible(timeout=SOON)
    tour.looks.take("conflicts")
    tour.opens(f"finding/{finding}")
    expect(tour.page.locator(".conflict")).to_be_visible(timeout=SOON)
    tour.looks.take("finding-conflict")


def is_settled(tour: Tour) -> None:
    """Three checks arrive while the account is shut out: one is discarded, one taken in, one waits."""
    page, lead, house = tour.page, tour.lead, tour.house
    admin, reviewer = Device(house, "admin", "管理员电脑"), Device(house, "reviewer", "复核电脑")
    account = f"/accounts/{house.client('t07').user}/state"
    tour.opens("")
    tour.device.context.set_offline(True)
    for _ in range(3):
        lead.sees_the_round().first.click()
        lead.start()
        lead.all_conform()
        lead.complete()
        lead.back_to_round()
    # It may hand in, but does not get to ask what it may still read before it is taken back.
    page.route("**/sync/scope", lambda route: route.abort())
    _ok(admin.post(account, {"disabled": True, "reason": "核对身份"}))
    tour.device.context.set_offline(False)
    tour.opens("tablet")
    expect(page.locator(".parked .work")).to_have_count(3, timeout=SOON)
    tour.takes("tablet-parked", ".parked")
    _ok(admin.post(account, {"disabled": False, "reason": "身份无误"}))
    parked = sorted(reviewer.get("/parked")["parked"], key=lambda row: str(row["id"]))
    mine = [row["id"] for row in parked if row["reason"]["code"] == "quarantine"]
    _ok(reviewer.post(f"/parked/{mine[0]}/discard", {"reason": "与上午的检查重复"}))
    _ok(reviewer.post(f"/parked/{mine[1]}/retry", {}))
    page.unroute("**/sync/scope")
    page.reload()
    expect(page.locator(".settled .work")).to_have_count(2, timeout=SOON)
    expect(page.get_by_text(re.compile(tour.words["taken"]))).to_be_visible()
    page.locator(".settled .work-more").first.click()
    tour.takes("tablet-settled", ".settled")
    for left in (1, 0):
        page.get_by_role("button", name=tour.words["got it"]).first.click()
        expect(page.locator(".settled .work")).to_have_count(left, timeout=SOON)
    _ok(reviewer.post(f"/parked/{mine[2]}/retry", {}))


def is_shut_out(tour: Tour) -> None:
    """Revoked with work unsent and a check begun; then, taken back, the account is disabled; at last lost."""
    page, lead, house = tour.page, tour.lead, tour.house
    admin = Device(house, "admin", "管理员电脑")
    account = f"/accounts/{house.client('t07').user}/state"
    device = _newest_tablet(admin, house.client("t07").user)
    tour.opens("")
    tour.device.context.set_offline(True)
    lead.sees_the_round().first.click()
    lead.start()
    lead.all_conform()
    lead.complete()
    lead.back_to_round()
    lead.sees_the_round().first.click()
    lead.start()
    lead.answer(lead.items()[0])
    page.wait_for_timeout(800)
    _ok(admin.post(f"/devices/{device}/state", {"state": "revoked", "reason": "屏幕损坏"}))
    tour.device.context.set_offline(False)
    page.locator(".farewell").wait_for(timeout=60_000)
    tour.looks.take("wiped-device")
    _ok(admin.post(f"/devices/{device}/state", {"state": "active", "reason": "已修好"}))
    for path, body, back, name in (
        (account, {"disabled": True}, {"disabled": False}, "wiped-account"),
        (f"/devices/{device}/state", {"state": "lost"}, {"state": "active"}, "wiped-lost"),
    ):
        lead.gives_name_and_password()
        lead.sees_the_round()
        _ok(admin.post(path, {**body, "reason": "演示"}))
        # It asks when it is opened; else it would hear of it by a poke, or within the minute.
        page.reload()
        page.locator(".farewell").wait_for(timeout=60_000)
        tour.looks.take(name)
        _ok(admin.post(path, {**back, "reason": "演示"}))


def _newest_tablet(admin: Device, user: str) -> str:
    """The device that can sign and that this user used last."""
    rows: list[dict[str, Any]] = admin.get("/devices")["devices"]
    return next(
        str(row["id"])
        for row in rows
        if row["can_sign"] and any(one["user"]["id"] == user for one in row["users"])
    )


def _ok(answer: Any) -> None:
    assert answer.status_code < 300, answer.text
