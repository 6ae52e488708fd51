"""Photos are drawn: real JPEGs, each different, each marked, also where no Chinese font is installed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from server.demo import pictures
from server.demo.generate import DemoPlan
from server.demo.pictures import SCENES, Scene, draw
from server.demo.tables import check_items
from server.evidence.images import Examiner, Limits
from tests.demo.facts import changes

MOMENT = datetime.fromisoformat("2026-11-23T08:05:59+08:00")


def scene(item: str = "CL-04", seed: str = "one", *, problem: bool = True) -> Scene:
    return Scene("P029-A3", "1号楼地下电梯厅", item, problem, MOMENT, seed)


def test_there_is_a_scene_for_every_discipline() -> None:
    assert set(SCENES) == {code[:2] for code in check_items()}


@pytest.mark.parametrize("discipline", sorted(SCENES))
def test_a_photo_is_what_its_record_says(discipline: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(draw(scene(f"{discipline}-01")))
    examined = Examiner(Limits()).examine(path, "image/jpeg")
    assert (examined.mime, examined.width, examined.height) == ("image/jpeg", 960, 720)
    assert 10_000 < path.stat().st_size < 200_000


def test_a_photo_carries_no_metadata() -> None:
    image = Image.open(BytesIO(draw(scene())))
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_photos_of_one_place_differ_and_one_photo_stays_the_same() -> None:
    assert draw(scene()) == draw(scene())
    assert len({draw(scene(seed=str(number))) for number in range(6)}) == 6
    assert draw(scene()) != draw(scene(problem=False))


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pictures, "CHINESE_FONTS", ())
    pictures._font.cache_clear()
    yield
    pictures._font.cache_clear()


@pytest.mark.usefixtures("no_chinese_font")
def test_without_a_chinese_font_the_strip_is_latin_and_not_empty_boxes() -> None:
    font, chinese = pictures._font(30)
    assert not chinese
    image = Image.open(BytesIO(draw(scene())))
    strip = image.crop((0, 640, 960, 720)).convert("L")
    assert max(strip.tobytes()) > 200
    assert font.getlength("P029-A3") > 0


def test_the_photos_of_a_demo_are_those_that_its_records_name(demo: DemoPlan) -> None:
    named = {change["set"]["sha256"]: change["set"] for change in changes(demo) if change["kind"] == "photo"}
    sent = {photo.sha256: photo for photo in demo.photos}
    assert named.keys() == sent.keys()
    assert len(sent) == len(demo.photos) >= 60
    for sha, photo in sent.items():
        assert sha256(photo.data).hexdigest() == sha
        assert named[sha]["bytes"] == len(photo.data)
        assert named[sha]["author"] == demo.user(photo.account)
