"""Draw the app's icons into pwa/public/icons: `python -m tools.draw_icons`.

The picture is a round: a path of posts around a building block, one of them ticked off. It is drawn,
not lettered, so that it needs no font and reads the same in every language.
"""

from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw

ACCENT = "#0b5563"
PAPER = "#ffffff"
SOFT = "#8fc3cc"
OVERSAMPLING = 4
POSTS = 8


def _dot(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: str) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def draw_icon(size: int, *, maskable: bool) -> Image.Image:
    """Return a square icon of `size` pixels.

    A maskable icon fills the whole square and keeps its picture inside the middle 80 %, because the
    launcher cuts its own shape out of it.
    """
    side = size * OVERSAMPLING
    image = Image.new("RGBA", (side, side), ACCENT if maskable else (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    if not maskable:
        draw.rounded_rectangle((0, 0, side - 1, side - 1), radius=side * 0.2, fill=ACCENT)
    middle, ring = side / 2, side * (0.28 if maskable else 0.33)
    box = (middle - ring, middle - ring, middle + ring, middle + ring)
    draw.arc(box, start=-60, end=210, fill=SOFT, width=round(side * 0.028))
    for number in range(POSTS):
        angle = 2 * pi * number / POSTS - pi / 2
        walked = number not in (6, 7)
        radius = side * (0.042 if walked else 0.03)
        _dot(draw, middle + ring * cos(angle), middle + ring * sin(angle), radius, PAPER if walked else SOFT)
    reach = ring * 0.5
    tick = [(-0.95, 0.05), (-0.25, 0.75), (1.0, -0.65)]
    points = [(middle + x * reach, middle + y * reach) for x, y in tick]
    draw.line(points, fill=PAPER, width=round(side * 0.07), joint="curve")
    for x, y in points:
        _dot(draw, x, y, side * 0.035, PAPER)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    """Write all icons that pwa/public/manifest.webmanifest names."""
    folder = Path(__file__).resolve().parent.parent / "pwa" / "public" / "icons"
    folder.mkdir(parents=True, exist_ok=True)
    for size in (192, 512):
        draw_icon(size, maskable=False).save(folder / f"icon-{size}.png", optimize=True)
    draw_icon(512, maskable=True).save(folder / "icon-maskable-512.png", optimize=True)


if __name__ == "__main__":
    main()
