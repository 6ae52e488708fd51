"""The desk's screens for what people must decide: conflicts, parked work, tablets, accounts, signing PINs."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.house import House
from tests.browser.lead import Lead
from tests.browser.quarrel import Quarrel
from tests.browser.screens import OFFICE_SIZES, Camera, Looker, open_in
from tests.browser.tablet import Tablet


def sized(page: Page, size: str) -> None:
    width, height = OFFICE_SIZES[size]
    page.set_viewport_size({"width": width, "height": height})


def review_screens(
    device: Tablet, house: House, found: Quarrel, language: str, size: str, looker: Looker = Camera
) -> None:
    """What 曾可 decides: each kind of conflict, a third value, what is parked, what a stopped tablet held."""
    page = device.open()
    sized(page, size)
    camera = looker(page, language, size)
    open_in(page, house, language)
    Lead(page, house.address, language).gives_name_and_password("reviewer")
    page.wait_for_url("**/office/coverage/**")
    review = f"{house.address}/office/review"

    def shows(address: str, landmark: str, name: str) -> None:
        page.goto(address)
        page.locator(landmark).first.wait_for()
        camera.take(name)

    shows(review, ".review-list a", "review")
    for name in ("class", "three", "note", "signed"):
        tab = "signed" if name == "signed" else "conflicts"
        address = f"{review}/conflict/{found.conflicts[name]}?tab={tab}"
        shows(address, ".conflict-sides > *", f"review-{name}")
    page.keyboard.press("3")
    page.wait_for_timeout(300)
    camera.take("review-third")
    shows(f"{review}?tab=parked", ".review-list a", "parked")
    page.locator(".review-list a[href*='/parked/']").last.click()
    page.locator(".parked-whole").wait_for()
    camera.take("parked-one")
    shows(f"{review}/quarantine/{found.revoked}?tab=parked", ".quarantine-rows", "quarantine")
    shows(f"{review}?tab=decided", ".review-list .empty, .review-list a", "decided")


def admin_screens(device: Tablet, house: House, language: str, size: str, looker: Looker = Camera) -> None:
    """What the administrator runs, with the question before something is stopped."""
    page = device.open()
    sized(page, size)
    camera = looker(page, language, size)
    open_in(page, house, language)
    Lead(page, house.address, language).gives_name_and_password("admin")
    page.wait_for_url("**/office/**")
    for name in ("devices", "accounts"):
        page.goto(f"{house.address}/office/{name}")
        page.locator("tbody tr").first.wait_for()
        camera.take(name)
    page.locator("tbody tr").last.get_by_role("button").last.click()
    page.locator("dialog[open]").wait_for()
    camera.take("accounts-ask")
    page.keyboard.press("Escape")
    page.goto(f"{house.address}/office/pins/qyl")
    page.locator("tbody tr").first.wait_for()
    camera.take("pins")
