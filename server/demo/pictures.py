"""Photos of the demo: drawn, so that no place and no person was ever photographed; each is marked 演示.

A scene by discipline (a wall and a floor, a lawn, pipes, a desk …), the problem circled, and a strip with
place, item and time. Where no Chinese font is installed the strip holds Latin letters only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, STRIP = 960, 720, 84
MIME = "image/jpeg"
QUALITY = 78
CHINESE_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansSC-Regular.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Scene:
    """What a photo is of. ``code``, ``place``: of the unit; ``item``: of the check item; ``problem``: does it
    show one? ``seed``: what makes two photos of one place differ."""

    code: str
    place: str
    item: str
    problem: bool
    taken_at: datetime
    seed: str


def draw(scene: Scene) -> bytes:
    """A JPEG of 960 × 720 without metadata; the same scene gives the same bytes on one machine."""
    chance = Random(scene.seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), _tint(chance, (214, 216, 210)))
    pen = ImageDraw.Draw(image)
    SCENES[scene.item[:2]](pen, chance)
    if scene.problem:
        _problem(pen, chance)
    _strip(pen, scene)
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


@cache
def _font(size: int) -> tuple[Font, bool]:
    """A font, and whether it can write Chinese."""
    for path in CHINESE_FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, size), True
    return ImageFont.load_default(size), False


def _strip(pen: ImageDraw.ImageDraw, scene: Scene) -> None:
    top = HEIGHT - STRIP
    pen.rectangle((0, top, WIDTH, HEIGHT), fill=(24, 30, 34))
    large, chinese = _font(30)
    small, _ = _font(24)
    when = f"{scene.taken_at:%Y-%m-%d %H:%M:%S}"
    place = f"{scene.place}  {scene.code}" if chinese else scene.code
    pen.text((110, top + 8), place, font=large, fill=(255, 255, 255))
    pen.text((110, top + 48), f"{scene.item}   {when}", font=small, fill=(196, 206, 202))
    pen.rectangle((16, top + 18, 94, top + 66), outline=(244, 190, 79), width=3)
    pen.text(
        (26, top + 24), "演示" if chinese else "DEMO", font=large if chinese else small, fill=(244, 190, 79)
    )


def _problem(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    """Some stains, and a ring around them."""
    x, y = chance.randint(260, 700), chance.randint(240, 520)
    stain = _tint(chance, (96, 84, 66))
    for _ in range(chance.randint(3, 7)):
        left, top = x + chance.randint(-50, 40), y + chance.randint(-36, 28)
        right, bottom = left + chance.randint(10, 46), top + chance.randint(8, 30)
        pen.ellipse((left, top, right, bottom), fill=stain)
    pen.ellipse((x - 96, y - 76, x + 110, y + 84), outline=(214, 60, 44), width=7)


def _room(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    """A lobby or stairwell: wall, tiles in perspective, a door."""
    horizon = chance.randint(300, 360)
    pen.rectangle((0, 0, WIDTH, horizon), fill=_tint(chance, (226, 222, 210)))
    pen.rectangle((0, horizon, WIDTH, HEIGHT), fill=_tint(chance, (178, 172, 160)))
    line, middle = (150, 145, 134), chance.randint(380, 580)
    for step in range(-12, 13):
        pen.line((middle + step * 24, horizon, middle + step * 170, HEIGHT), fill=line, width=2)
    height = 8
    while horizon + height < HEIGHT:
        pen.line((0, horizon + height, WIDTH, horizon + height), fill=line, width=2)
        height = int(height * 1.7) + 6
    left = chance.choice((90, 640))
    pen.rectangle(
        (left, 70, left + 210, horizon), fill=_tint(chance, (122, 104, 84)), outline=(80, 70, 60), width=5
    )
    pen.ellipse((left + 176, 210, left + 192, 226), fill=(214, 196, 120))


def _street(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    """A gate or a road: sky, kerb, markings, a barrier."""
    pen.rectangle((0, 0, WIDTH, 300), fill=_tint(chance, (190, 212, 228)))
    pen.rectangle((0, 300, WIDTH, HEIGHT), fill=_tint(chance, (120, 122, 124)))
    pen.polygon(((0, 300), (WIDTH, 300), (WIDTH, 334), (0, 360)), fill=_tint(chance, (168, 170, 164)))
    for step in range(5):
        x = 120 + step * 170 + chance.randint(-12, 12)
        pen.polygon(((x, 420), (x + 70, 420), (x + 40, 600), (x - 40, 600)), fill=(228, 226, 214))
    post = chance.choice((80, 820))
    pen.rectangle((post, 150, post + 60, 340), fill=_tint(chance, (210, 150, 60)))
    pen.rectangle((150, 214, 774, 234), fill=(240, 240, 236))
    for step in range(0, 12, 2):
        pen.rectangle((150 + step * 52, 214, 202 + step * 52, 234), fill=(206, 64, 52))


def _garden(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    """Sky, lawn, hedge and trees."""
    pen.rectangle((0, 0, WIDTH, 320), fill=_tint(chance, (196, 218, 232)))
    pen.rectangle((0, 320, WIDTH, HEIGHT), fill=_tint(chance, (126, 162, 92)))
    for _ in range(chance.randint(3, 5)):
        x, size = chance.randint(40, 860), chance.randint(90, 170)
        pen.rectangle((x - 9, 250, x + 9, 400), fill=(110, 84, 62))
        pen.ellipse((x - size // 2, 280 - size, x + size // 2, 290), fill=_tint(chance, (82, 130, 70)))
    pen.rectangle((0, 372, WIDTH, 430), fill=_tint(chance, (70, 116, 60)))
    for _ in range(60):
        x, y = chance.randint(0, WIDTH), chance.randint(440, HEIGHT)
        pen.line((x, y, x + chance.randint(-6, 6), y - chance.randint(8, 20)), fill=(98, 140, 70), width=2)


def _plant(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    """A plant room: cabinets, pipes, a gauge."""
    pen.rectangle((0, 0, WIDTH, 440), fill=_tint(chance, (206, 210, 208)))
    pen.rectangle((0, 440, WIDTH, HEIGHT), fill=_tint(chance, (134, 148, 140)))
    for step in range(3):
        left = 60 + step * 220 + chance.randint(-16, 16)
        pen.rectangle(
            (left, 140, left + 170, 460), fill=_tint(chance, (160, 172, 178)), outline=(96, 106, 112), width=4
        )
        pen.ellipse((left + 60, 180, left + 110, 230), fill=(244, 244, 238), outline=(70, 78, 82), width=4)
        pen.ellipse((left + 30, 260, left + 46, 276), fill=chance.choice(((60, 160, 90), (206, 64, 52))))
    for y in (60, 96):
        pen.rectangle((0, y, WIDTH, y + 20), fill=_tint(chance, (70, 120, 150)))
    pen.rectangle((760, 60, 784, 520), fill=_tint(chance, (170, 70, 60)))


def _desk(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    """A desk or guard room: wall, shelf, papers."""
    pen.rectangle((0, 0, WIDTH, 420), fill=_tint(chance, (222, 224, 220)))
    pen.rectangle((0, 420, WIDTH, HEIGHT), fill=_tint(chance, (166, 136, 102)))
    pen.rectangle((80, 120, 560, 140), fill=_tint(chance, (132, 104, 76)))
    for step in range(9):
        left = 96 + step * 50
        pen.rectangle((left, chance.randint(44, 70), left + 34, 120), fill=_tint(chance, (90, 110, 130), 60))
    for _ in range(chance.randint(3, 6)):
        x, y = chance.randint(60, 760), chance.randint(450, 590)
        pen.polygon(((x, y), (x + 130, y - 16), (x + 150, y + 40), (x + 16, y + 58)), fill=(246, 246, 240))
        pen.line((x + 22, y + 18, x + 120, y + 6), fill=(150, 150, 150), width=3)
    pen.rectangle((660, 180, 880, 330), fill=(40, 48, 54), outline=(90, 96, 100), width=8)


def _fire(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    """A corridor with a hydrant box, an extinguisher and an exit sign."""
    _room(pen, chance)
    left = chance.randint(380, 470)
    pen.rectangle(
        (left, 130, left + 150, 340), fill=_tint(chance, (196, 52, 44)), outline=(240, 240, 236), width=4
    )
    pen.rectangle((left + 24, 200, left + 126, 236), fill=(240, 240, 236))
    bottle = left + chance.randint(190, 240)
    pen.rectangle((bottle, 400, bottle + 52, 540), fill=_tint(chance, (200, 48, 40)))
    pen.rectangle((bottle + 18, 374, bottle + 34, 400), fill=(40, 40, 40))
    pen.rectangle((440, 30, 560, 74), fill=(40, 140, 84))


def _fit_out(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    """A home under work: bare walls, a beam, bags of debris."""
    pen.rectangle((0, 0, WIDTH, 430), fill=_tint(chance, (190, 186, 178)))
    pen.rectangle((0, 430, WIDTH, HEIGHT), fill=_tint(chance, (150, 146, 138)))
    pen.rectangle((0, 60, WIDTH, 116), fill=_tint(chance, (160, 156, 148)))
    pen.rectangle((120, 170, 400, 400), fill=_tint(chance, (188, 208, 222)), outline=(110, 110, 108), width=8)
    for step in range(chance.randint(3, 6)):
        x = 480 + step * 76 + chance.randint(-14, 14)
        pen.ellipse(
            (x, 480, x + 92, 590), fill=_tint(chance, (196, 190, 170)), outline=(120, 116, 104), width=3
        )


def _tint(chance: Random, colour: Colour, spread: int = 14) -> Colour:
    red, green, blue = (min(255, max(0, part + chance.randint(-spread, spread))) for part in colour)
    return red, green, blue


SCENES: dict[str, Callable[[ImageDraw.ImageDraw, Random], None]] = {
    "GM": _desk, "CS": _desk, "SO": _street, "CL": _room, "GR": _garden, "EN": _plant, "FS": _fire,
    "DE": _fit_out,
}  # fmt: skip
