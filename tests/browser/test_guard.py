"""The guard itself: a page that complains fails its story. Without it, quiet stories would prove nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.house import House
from tests.browser.tablet import Tablet

Tablets = Callable[..., Tablet]
OFFENCES = {
    "console error": ("() => console.error('something is wrong')", "something is wrong"),
    "page error": ("() => { setTimeout(() => { throw new Error('nobody caught this'); }) }", "nobody caught"),
    "inline script": (
        "() => { const s = document.createElement('script'); s.textContent = '1'; document.body.append(s); }",
        "Content Security Policy",
    ),
    "inline handler": ("() => { const s = document.createElement('a'); s.setAttribute('onclick', 'eval(1)');"
             " document.body.append(s); s.click(); }", "Content Security Policy"),
    "foreign picture": ("() => { new Image().src = 'http://192.0.2.1/spy.png'; }", "Content Security Policy"),
    "worker": (
        "() => { new Worker(URL.createObjectURL(new Blob(['console.error(\"below\")']))); }",
        "Content Security Policy",
    ),
    "missing file": ("() => fetch('/assets/gone.js')", "404"),
}  # fmt: skip


@pytest.mark.parametrize("offence", OFFENCES)
def test_a_page_that_complains_fails_its_story(reading_house: House, tablet: Tablets, offence: str) -> None:
    script, words = OFFENCES[offence]
    with pytest.raises(AssertionError, match=words):
        complain(tablet(), reading_house, script)


def complain(device: Tablet, house: House, script: str) -> None:
    with device:
        page = device.open()
        page.goto(house.address)
        page.get_by_label("账号").wait_for()
        assert device.unforgiven() == [], "the product itself is quiet"
        page.evaluate(script)
        page.wait_for_timeout(300)
