"""What is no photo is refused with a reason, before it can do harm; what is one gets a thumbnail."""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.evidence.headers import HEAD, webp_size
from server.evidence.images import Examiner, Limits
from server.evidence.refusals import REASONS, Refused, words
from tests.evidence.pictures import jpeg_of_many_scans, photo, png_that_says, webp_that_says

MIME = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}


def examined(tmp_path: Path, data: bytes, declared: str = "image/jpeg", limits: Limits = Limits()):  # noqa: B008
    path = tmp_path / "upload.bin"
    path.write_bytes(data)
    return Examiner(limits).examine(path, declared)


def refusal(tmp_path: Path, data: bytes, declared: str = "image/jpeg", limits: Limits = Limits()) -> Refused:  # noqa: B008
    with pytest.raises(Refused) as caught:
        examined(tmp_path, data, declared, limits)
    return caught.value


@pytest.mark.parametrize("kind", MIME)
def test_each_kind_a_photo_may_have_is_taken_in(tmp_path: Path, kind: str) -> None:
    image = examined(tmp_path, photo(kind=kind), MIME[kind])
    assert (image.mime, image.width, image.height) == (MIME[kind], 640, 480)


MODES = (("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("I;16", "PNG"),
         ("CMYK", "JPEG"), ("RGBA", "WEBP"))  # fmt: skip


@pytest.mark.parametrize("mode, kind", MODES)
def test_each_colour_mode_gets_a_thumbnail(tmp_path: Path, mode: str, kind: str) -> None:
    deep = mode == "I;16"
    image = Image.new(mode, (900, 300), 23_000) if deep else Image.new("L", (900, 300), 90).convert(mode)
    out = BytesIO()
    image.save(out, kind)
    with Image.open(BytesIO(examined(tmp_path, out.getvalue(), MIME[kind]).thumb)) as thumb:
        assert (thumb.format, thumb.size, thumb.mode) == ("JPEG", (320, 107), "RGB")
        grey = thumb.convert("RGB").tobytes()[:300]
    if mode in ("L", "I;16"):
        assert abs(min(grey) - 90) <= 2, "16 bits of grey keep their brightness"
        assert abs(max(grey) - 90) <= 2


def test_the_thumbnail_stands_upright_and_says_nothing_about_where_it_was_taken(tmp_path: Path) -> None:
    with Image.open(BytesIO(examined(tmp_path, photo(size=(1600, 1200))).thumb)) as thumb:
        assert thumb.size == (240, 320), "orientation 6 is turned"
        assert dict(thumb.getexif()) == {}
        assert "exif" not in thumb.info
        assert "icc_profile" not in thumb.info


def test_a_missing_thumbnail_is_made_again(tmp_path: Path) -> None:
    with Image.open(BytesIO(Examiner(Limits()).thumb_of(BytesIO(photo(size=(1600, 1200)))))) as thumb:
        assert thumb.size == (240, 320)


def test_text_named_jpg_is_no_image(tmp_path: Path) -> None:
    assert refusal(tmp_path, "这不是照片。".encode() * 100).code == "not_an_image"


def test_an_image_of_a_kind_that_no_photo_has_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, photo(kind="GIF")).code == "not_an_image"


def test_another_kind_than_declared_is_refused(tmp_path: Path) -> None:
    found = refusal(tmp_path, photo(kind="PNG"), "image/jpeg")
    assert (found.code, found.detail) == ("wrong_kind", {"declared": "image/jpeg", "found": "image/png"})


def test_too_many_pixels_are_refused_on_the_header_alone(tmp_path: Path) -> None:
    rubbish = png_that_says(8_000, 8_000, whole=False)
    found = refusal(tmp_path, rubbish, "image/png")
    assert (found.code, found.detail["width"]) == ("too_many_pixels", 8_000)


def test_a_small_file_that_unfolds_to_a_gigapixel_costs_nothing(tmp_path: Path) -> None:
    bomb = png_that_says(60_000, 20_000)
    assert len(bomb) < 200_000
    before = time.process_time()
    assert refusal(tmp_path, bomb, "image/png").code == "too_many_pixels"
    assert time.process_time() - before < 0.2


def test_60_megapixels_are_still_allowed(tmp_path: Path) -> None:
    assert examined(tmp_path, png_that_says(7_500, 8_000), "image/png").width == 7_500
    assert refusal(tmp_path, png_that_says(7_500, 8_001), "image/png").code == "too_many_pixels"


@pytest.mark.parametrize("form", ["VP8X", "VP8L", "VP8 "])
def test_a_webp_is_judged_before_its_decoder_is_made(tmp_path: Path, form: str) -> None:
    found = refusal(tmp_path, webp_that_says(16_000, 16_000, form), "image/webp")
    assert (found.code, found.detail["width"], found.detail["height"]) == ("too_many_pixels", 16_000, 16_000)


@pytest.mark.parametrize(
    "options, form", [({"lossless": True}, b"VP8L"), ({}, b"VP8 "), ({"exif": b"x"}, b"VP8X")]
)
def test_the_size_of_a_webp_is_read_right(options: dict[str, Any], form: bytes) -> None:
    head = photo(kind="WEBP", size=(641, 479), **options)[:HEAD]
    assert (head[12:16], webp_size(head)) == (form, (641, 479))


@pytest.mark.parametrize("kind", MIME)
def test_a_truncated_image_is_broken(tmp_path: Path, kind: str) -> None:
    whole = photo(kind=kind, size=(1200, 900))
    assert refusal(tmp_path, whole[: len(whole) * 2 // 3], MIME[kind]).code == "broken"


def test_a_png_whose_pixels_are_rubbish_is_broken(tmp_path: Path) -> None:
    assert refusal(tmp_path, png_that_says(800, 800, whole=False), "image/png").code == "broken"


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    before = time.process_time()
    assert refusal(tmp_path, jpeg_of_many_scans(20_000)).code == "too_complex"
    assert time.process_time() - before < 0.2


def test_a_progressive_jpeg_is_a_photo_like_any_other(tmp_path: Path) -> None:
    assert examined(tmp_path, photo(progressive=True)).mime == "image/jpeg"


def test_a_file_over_the_limit_is_refused_unopened(tmp_path: Path) -> None:
    found = refusal(tmp_path, photo(), limits=Limits(bytes=1_000))
    assert (found.code, found.detail["allowed"]) == ("too_large", 1_000)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's own, about that EXIF
def test_damaged_exif_is_no_reason_to_refuse_a_photo(tmp_path: Path) -> None:
    data = photo()
    at = data.index(b"Exif\0\0") + 14
    damaged = data[:at] + b"\xff" * 12 + data[at + 12 :]
    assert examined(tmp_path, damaged).width == 640


def test_every_reason_has_words_in_both_languages() -> None:
    for code in REASONS:
        said = words(code)
        assert said.message.endswith("。")
        assert said.message_en.endswith(".")
