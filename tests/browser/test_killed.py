"""The main promise: the browser is killed with twenty checks and thirty photos unsent; nothing is lost."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.house import Client, House
from tests.browser.lead import SOON, Lead
from tests.browser.pictures import TWELVE_MEGAPIXELS, taken_at
from tests.browser.replica import photos_on_the_device
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]
CHECKS = 20


@pytest.mark.timeout(300)
def test_twenty_checks_and_thirty_photos_survive_a_killed_browser(
    house: House, tablet: Tablets, photos: list[Path]
) -> None:
    """X-02, X-03, X-04: 20 of 20 arrive, each photo byte for byte; sending twice changes nothing."""
    with Image.open(photos[0]) as first:
        assert first.size == TWELVE_MEGAPIXELS
        assert first.getexif().get_ifd(0x8825)
    units = [unit["unit"] for unit in house.client("t07").units_of("T07")[:CHECKS]]
    waiting = re.compile("未上传 20 条.*30 张照片")
    before = len(house.client("reviewer").of_kind("qyl", "area_check"))
    device = tablet(mortal=True)
    lead = Lead(device.open(), house.address)
    lead.begins()
    house.kill()
    for number, unit in enumerate(units):
        lead.checks(unit, f"单元 {number} 的问题", photos[number * 3 // 2 : (number + 1) * 3 // 2])
        lead.back_to_round()
    expect(lead.page.locator(".pill").first).to_contain_text(waiting)
    kept = photos_on_the_device(lead.page)
    assert len(kept) == 30
    device.keeps_its_session()
    device.kill()
    answers: list[tuple[dict, dict]] = []
    with device:
        page = device.open()
        page.goto(f"{house.address}/field")
        pill = page.locator(".pill").first
        expect(pill).to_contain_text(waiting, timeout=SOON)
        assert photos_on_the_device(page) == kept
        device.context.route("**/push", lambda route: sent_twice(route, answers))
        house.start()
        Lead(page, house.address).everything_is_sent(within=180_000)
        assert photos_on_the_device(page) == kept, (
            "bytes stay for some days after the server has verified them"
        )
    office = house.client("reviewer")
    assert len(office.of_kind("qyl", "area_check")) == before + CHECKS
    assert {row["data"]["unit"] for row in office.newest_checks(CHECKS)} == set(units)
    assert_second_answers_are_replays(answers)
    assert_bytes_arrived(office, kept)


def sent_twice(route: Route, answers: list[tuple[dict, dict]]) -> None:
    """Lets a push through twice and keeps both answers."""
    first, second = route.fetch(), route.fetch()
    answers.append((first.json(), second.json()))
    route.fulfill(response=first)


def assert_second_answers_are_replays(answers: list[tuple[dict, dict]]) -> None:
    carried = [pair for pair in answers if pair[0]["results"]]
    assert sum(len(first["results"]) for first, _ in carried) == CHECKS
    for first, second in carried:
        assert first["head"] == second["head"]
        assert not any(row["replayed"] for row in first["results"])
        assert all(row["replayed"] for row in second["results"])
        assert [{**row, "replayed": True} for row in first["results"]] == second["results"]


def assert_bytes_arrived(office: Client, kept: dict[str, int]) -> None:
    photos = [row["data"] for row in office.of_kind("qyl", "photo") if row["data"]["sha256"] in kept]
    assert len(photos) == 30
    expected = {taken_at(number).isoformat(timespec="seconds") for number in range(30)}
    assert {photo["taken_at"] for photo in photos} == expected
    for photo in photos:
        blob = office.get(f"/blobs/{photo['sha256']}")
        assert blob.status_code == 200
        assert hashlib.sha256(blob.content).hexdigest() == photo["sha256"]
        assert kept[photo["sha256"]] == len(blob.content) == photo["bytes"]
        with Image.open(io.BytesIO(blob.content)) as image:
            assert image.size == (photo["width"], photo["height"])
            assert max(image.size) <= 1600
            assert not image.getexif().get_ifd(0x8825), "where a photo was taken stays out of it"
