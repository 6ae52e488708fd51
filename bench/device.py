"""The tablet: Chromium with its processor slowed down four times, over the server with 10,000 checks.

CDP slows the main thread down, not workers and not the disk; what happens there is at full speed.
"""

from __future__ import annotations

import time
from statistics import median

from playwright.sync_api import Page, expect, sync_playwright

from bench import sync
from bench.clients import elsewhere
from bench.house import Bench, running
from bench.lines import say
from tests.browser.lead import Lead
from tests.browser.replica import rows_on_the_device
from tests.browser.tablet import Tablet, start_chromium
from tools.bundle_size import measure

SLOWED, WITHIN, STARTS = 4, 120, 5


def on_device() -> None:
    """First sync, offline start, and what the app weighs."""
    say("initial_js_gzip_kb", sum(measure().values()) / 1000)
    with running() as bench, sync_playwright() as playwright:
        sync.pushed(bench)
        records = elsewhere(sync.pull_everything, bench.port, sync.reader(bench).token)[0]
        browser = start_chromium(playwright)
        tablet = Tablet(playwright, browser)
        page = slowed(tablet)
        seconds = first_sync(bench, page, records)
        say("first_sync_10k_s", seconds, records=records, throttle=SLOWED, workers="not throttled")
        starts = [offline_start(tablet, bench) for _ in range(STARTS)]
        say("offline_start_ms", median(starts), throttle=SLOWED, starts=[round(one) for one in starts])
        tablet.close()
        browser.close()


def slowed(tablet: Tablet) -> Page:
    """A page whose main thread is slow."""
    page = tablet.open()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    return page


def first_sync(bench: Bench, page: Page, records: int) -> float:
    """Seconds from the sign-in until every record of the project lies in IndexedDB."""
    lead = Lead(page, f"http://127.0.0.1:{bench.port}")
    page.goto(lead.address)
    expect(page.get_by_label(lead.words["username"])).to_be_visible()
    begun = time.perf_counter()
    lead.gives_name_and_password()
    while time.perf_counter() - begun < WITHIN:
        if _held(page) >= records:
            taken = time.perf_counter() - begun
            lead.sees_the_round()
            page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=WITHIN * 1000)
            return taken
        page.wait_for_timeout(200)
    raise RuntimeError(f"{_held(page)} of {records} records came in {WITHIN} s")


def _held(page: Page) -> int:
    rows = rows_on_the_device(page)
    return sum(count for store, count in rows.items() if store.endswith("/base"))


def offline_start(tablet: Tablet, bench: Bench) -> float:
    """Milliseconds from opening the app without a network until the round is painted."""
    tablet.context.set_offline(True)
    page = tablet.context.new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    begun = time.perf_counter()
    page.goto(f"http://127.0.0.1:{bench.port}/", wait_until="commit")
    page.locator('a.row[href*="/field/unit/"]').first.wait_for(state="visible", timeout=WITHIN * 1000)
    taken = (time.perf_counter() - begun) * 1000
    page.close()
    tablet.context.set_offline(False)
    return taken
