"""Why a blob was refused: one code each, with words for the photo's record (`protocol.md` section 6)."""

from __future__ import annotations

from dataclasses import dataclass

# code: (中文, English). Shown beside the photo, so they say what to do where something can be done.
REASONS: dict[str, tuple[str, str]] = {
    "too_large": (
        "文件过大，超过允许的大小，未接收。",
        "The file is larger than allowed and was not taken in.",
    ),
    "not_an_image": (
        "文件不是 JPEG、PNG、WebP 或 HEIC 图片，未接收。",
        "The file is not a JPEG, PNG, WebP or HEIC image and was not taken in.",
    ),
    "wrong_kind": (
        "图片格式与登记的格式不符，未接收。",
        "The image is of another kind than declared and was not taken in.",
    ),
    "too_many_pixels": (
        "图片像素过多，超过允许的上限，未接收。",
        "The image unfolds to more pixels than allowed and was not taken in.",
    ),
    "too_complex": (
        "图片编码过于复杂，未接收。",
        "The image takes far more work to decode than a photo does and was not taken in.",
    ),
    "broken": (
        "图片已损坏，无法完整打开，未接收。",
        "The image is damaged, cannot be opened whole and was not taken in.",
    ),
}


@dataclass(frozen=True)
class Words:
    """A reason as it is shown."""

    code: str
    message: str
    message_en: str


def words(code: str) -> Words:
    """The words of a reason; raises ``KeyError`` for a code that is not in ``REASONS``."""
    message, message_en = REASONS[code]
    return Words(code, message, message_en)


class Refused(Exception):
    """These bytes are not taken in: ``code`` of ``REASONS``, ``detail`` with the figures behind it."""

    def __init__(self, code: str, **detail: str | int) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail
