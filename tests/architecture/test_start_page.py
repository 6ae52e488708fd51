"""The page that the server's content policy must let through, and the manifest that makes it an app."""

import json
from html.parser import HTMLParser

import pytest
from PIL import Image

from tools.draw_icons import draw_icon
from tools.steps import PWA


class Page(HTMLParser):
    """Collects what a strict content policy would refuse, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(tag)
        self.inline += [name for name in named if name == "style" or name.startswith("on")]
        self.addresses += [named[name] for name in ("src", "href") if name in named]


def test_the_start_page_has_nothing_inline_and_nothing_foreign():
    page = Page()
    page.feed((PWA / "index.html").read_text())
    assert page.inline == []
    assert page.addresses
    assert all(address.startswith("/") and not address.startswith("//") for address in page.addresses)


def test_the_built_page_is_as_strict():
    page = Page()
    page.feed((PWA / "dist" / "index.html").read_text())
    assert page.inline == []
    assert all(address.startswith("/") and not address.startswith("//") for address in page.addresses)


def test_every_icon_of_the_manifest_is_there_in_its_size():
    manifest = json.loads((PWA / "public" / "manifest.webmanifest").read_text())
    purposes = set()
    for icon in manifest["icons"]:
        with Image.open(PWA / "public" / icon["src"].lstrip("/")) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]
        purposes.add((icon["sizes"], icon["purpose"]))
    assert purposes == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}


@pytest.mark.parametrize("maskable", [True, False])
def test_only_a_maskable_icon_fills_its_corners(maskable: bool):
    assert draw_icon(64, maskable=maskable).getchannel("A").getpixel((0, 0)) == (255 if maskable else 0)
