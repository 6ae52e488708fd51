"""Every screen at its sizes and in both languages, as PNG (`make screens`).

It drives a house of its own with the demo project of today. The pictures of the README are made of these.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.house import House
from tests.browser.lead import Lead
from tests.browser.pictures import write_photos
from tests.browser.tablet import SIZES, Tablet, start_chromium
from tests.browser.tour import Tour, following_screens
from tests.browser.tour_words import WORDS

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "build" / "screens"
PICTURES = {
    "zh-landscape-round": "field-round",
    "zh-portrait-check-finding": "field-check",
    "zh-office-board": "office-coverage",
    "zh-office-unit": "office-unit",
    "zh-office-review-class": "office-conflict",
}
OFFICE_SIZES = {"office": (1440, 900), "small": (1280, 800)}


class Camera:
    """Takes the pictures of one device: language, size, then the name of the screen."""

    def __init__(self, page: Page, language: str, size: str) -> None:
        self.page, self.prefix = page, f"{language}-{size}"

    def take(self, name: str) -> None:
        self.page.wait_for_timeout(350)
        self.page.screenshot(path=TARGET / f"{self.prefix}-{name}.png")
        print(f"{self.prefix}-{name}", flush=True)


class BothWays:
    """Looks at every screen in landscape and in portrait, on one way through."""

    def __init__(self, lookers: dict[str, Camera]) -> None:
        self.lookers = lookers

    def take(self, name: str, below: str = "") -> None:
        """``below``: what is brought to sight first."""
        for size, looker in self.lookers.items():
            width, height = SIZES[size]
            looker.page.set_viewport_size({"width": width, "height": height})
            if below:
                looker.page.locator(below).last.evaluate("(node) => node.scrollIntoView({ block: 'end' })")
            looker.take(name)


Looker = Callable[[Page, str, str], "Camera"]
"""What is made of page, language and size, and told of every screen: a camera, or whoever else goes along."""


def open_in(page: Page, house: House, language: str) -> None:
    """The sign-in screen in the language that is asked for."""
    page.goto(house.address)
    page.get_by_role("button", name=re.compile("登录")).wait_for()
    if language == "en":
        page.get_by_role("button", name="English").click()
        page.get_by_label("Password", exact=True).wait_for()


def field_screens(
    device: Tablet, house: House, language: str, size: str, photos: list[Path], looker: Looker = Camera
) -> None:
    """The tablet of 何桂兰, from signing in to a check that is saved without network."""
    page = device.open()
    camera = looker(page, language, size)
    lead = Lead(page, house.address, language)
    open_in(page, house, language)
    camera.take("sign-in")
    lead.gives_name_and_password("t07", "guess")
    page.get_by_role("alert").first.wait_for()
    camera.take("sign-in-wrong")
    lead.begins()
    camera.take("round")
    page.get_by_role("searchbox").first.fill("无此单元")
    camera.take("round-nothing-found")
    page.get_by_role("searchbox").first.fill("")
    page.locator("a.row").first.click()
    camera.take("unit")
    lead.start()
    camera.take("check")
    page.get_by_role("button", name=lead.words["complete"]).click()
    camera.take("check-missing")
    lead.fails(lead.photo_item(), "B1 电梯厅顶角蛛网两处，消火栓旁有烟头", photos)
    camera.take("check-finding")
    page.get_by_role("button", name=re.compile(f"^{lead.words['take photo']}")).first.click()
    page.wait_for_timeout(1200)
    camera.take("camera")
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    device.context.set_offline(True)
    offline_screens(lead, camera)
    device.context.set_offline(False)
    page.goto(f"{house.address}/field/tablet")
    lead.everything_is_sent()
    camera.take("tablet")


def offline_screens(lead: Lead, camera: Camera) -> None:
    """What follows a check that is completed without network."""
    page = lead.page
    lead.all_conform()
    lead.complete()
    camera.take("saved-offline")
    page.locator(".saved-findings a").first.click()
    camera.take("finding")
    page.goto(f"{lead.address}/field/tablet")
    page.get_by_role("main").wait_for()
    camera.take("tablet-unsent")
    page.goto(f"{lead.address}/field")
    lead.sees_the_round()
    camera.take("round-unsent")
    page.goto(f"{lead.address}/field/nowhere")
    camera.take("not-found")


def followed_screens(
    device: Tablet, house: House, language: str, photos: list[Path], looker: Looker = Camera
) -> None:
    """What follows a finding, in landscape and in portrait."""
    page = device.open()
    lead = Lead(page, house.address, language)
    open_in(page, house, language)
    lead.gives_name_and_password()
    both = BothWays({size: looker(page, language, size) for size in ("landscape", "portrait")})
    following_screens(Tour(device, lead, house, WORDS[language], both, photos))


def office_screens(device: Tablet, house: House, language: str, size: str, looker: Looker = Camera) -> None:
    """The desk of 曾可: the board in its groupings, what stands behind a cell, projects, and no server."""
    page = device.open()
    page.set_viewport_size(dict(zip(("width", "height"), OFFICE_SIZES[size], strict=True)))  # type: ignore[arg-type]
    camera = looker(page, language, size)
    lead = Lead(page, house.address, language)
    open_in(page, house, language)
    lead.gives_name_and_password("reviewer")
    page.locator(".cell").first.wait_for()
    page.wait_for_timeout(1000)
    camera.take("board")
    for by in ("inspector", "post"):
        page.goto(f"{house.address}/office/coverage/qyl?by={by}")
        page.locator(".cell").first.wait_for()
        camera.take(f"board-{by}")
    page.goto(f"{house.address}/office/coverage/qyl?state=overdue")
    page.locator(".cell").first.wait_for()
    camera.take("board-overdue")
    page.goto(f"{house.address}/office/coverage/qyl?text=nothing-like-it")
    page.locator(".empty").first.wait_for()
    camera.take("board-nothing-found")
    page.goto(f"{house.address}/office/coverage/qyl?unit={unit_with_photo(house)}")
    page.locator(".photos img").first.wait_for(timeout=20_000)
    camera.take("unit")
    page.goto(f"{house.address}/office/projects")
    page.get_by_role("table").wait_for()
    camera.take("projects")


def unit_with_photo(house: House) -> str:
    """The unit of T07 whose newest check has a photo, else the first that has one at all."""
    client = house.client("reviewer")
    photos = [row["data"] for row in client.of_kind("qyl", "photo")]
    return str(max(photos, key=lambda photo: photo["taken_at"])["unit"])


def devices(playwright: Playwright, browser: Browser) -> Iterator[tuple[str, str, Tablet]]:
    for language in ("zh", "en"):
        for size in SIZES:
            yield language, size, Tablet(playwright, browser, size=size)


def desk_screens(playwright: Playwright, browser: Browser, house: House, language: str) -> list[str]:
    """What people decide and run at the desk, on devices that disagree anew; complaints."""
    from tests.browser.desk_screens import admin_screens, review_screens
    from tests.browser.quarrel import quarrel

    complaints: list[str] = []
    found = quarrel(house)
    for size in OFFICE_SIZES:
        desk = Tablet(playwright, browser, size="office")
        review_screens(desk, house, found, language, size)
        desk.close()
        admin_screens(desk, house, language, size)
        desk.close()
        complaints += desk.unforgiven()
    return complaints


def shrink(source: Path, target: Path) -> None:
    """A README picture: few colours, well below 300 kB."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as picture:
        picture.convert("RGB").quantize(96, dither=Image.Dither.NONE).save(target, optimize=True)


def main() -> int:
    TARGET.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        photos = write_photos(Path(folder) / "photos", 5)
        house = House(Path(folder) / "data").start()
        browser = start_chromium(playwright)
        for language, size, device in devices(playwright, browser):
            device.forgive("401")
            if size == "office":
                for office in OFFICE_SIZES:
                    office_screens(device, house, language, office)
                    device.close()
            else:
                field_screens(device, house, language, size, photos[:2])
                device.close()
            complaints += device.unforgiven()
        for language in ("zh", "en"):
            # Each in a house of its own, in which nobody has disagreed yet.
            other = House(Path(folder) / f"followed-{language}").start()
            with Tablet(playwright, browser) as tablet:
                tablet.forgive("401", "403", "/socket.io/")
                followed_screens(tablet, other, language, photos)
            other.kill()
        for language in ("zh", "en"):
            complaints += desk_screens(playwright, browser, house, language)
        house.kill()
    if "--pictures" in sys.argv:
        for name, picture in PICTURES.items():
            shrink(TARGET / f"{name}.png", ROOT / "docs" / "pictures" / f"{picture}.png")
    print(*complaints, sep="\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
