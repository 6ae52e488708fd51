"""Chromium as a tablet or a desk, its complaints kept: a story ends well only if the console stayed quiet."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Worker

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]  # fmt: skip
SIZES = {"landscape": (1280, 800), "portrait": (800, 1280), "office": (1440, 900)}
# Chromium itself reports a request that failed for want of a network as a console error. Being offline is the
# ordinary state of a tablet, so that is no complaint; what was blocked (CSP among it) is one.
NO_NETWORK, BLOCKED = "net::ERR_", "ERR_BLOCKED"
OURS = ("127.0.0.1", "localhost", "")


def chromium() -> str:
    """Where the browser is: ROUNDS_CHROMIUM, or the first of the usual names on the path."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("ROUNDS_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise RuntimeError("no Chromium: apt-get install chromium, or name one in ROUNDS_CHROMIUM")
    return found


def start_chromium(playwright: Playwright) -> Browser:
    """One process for all tablets that nobody kills; each has a context of its own."""
    return playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)


class Tablet:
    """A device of its own: cookies, IndexedDB and service worker are kept from one `open` to the next.

    With ``profile`` it is a process of its own with that folder, which can be killed. ``complaints``
    holds console errors (of pages and workers), page errors, CSP violations and requests to foreign hosts.
    """

    def __init__(
        self,
        playwright: Playwright,
        browser: Browser,
        *,
        profile: Path | None = None,
        size: str = "landscape",
    ) -> None:
        self.playwright, self.browser, self.profile = playwright, browser, profile
        self.width, self.height = SIZES[size]
        self.touch = size != "office"
        self.complaints: list[str] = []
        self.forgiven: list[str] = []
        self.running: BrowserContext | None = None

    @property
    def context(self) -> BrowserContext:
        assert self.running is not None, "the tablet is off"
        return self.running

    def open(self) -> Page:
        """A page of this device; what the device kept from before is there."""
        if self.running is None:
            self.running = self._start()
            self.running.on("console", self._console)
            self.running.on("weberror", lambda error: self._complain(f"page error: {error.error}"))
            self.running.on("request", self._request)
            self.running.on("serviceworker", self._worker)
        blank = [page for page in self.running.pages if page.url == "about:blank"]
        return blank[0] if blank else self.running.new_page()

    def _start(self) -> BrowserContext:
        view = {"width": self.width, "height": self.height}
        about: dict[str, Any] = {
            "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": view, "has_touch": self.touch,
            "permissions": ["camera", "background-sync"],
        }  # fmt: skip
        if self.profile is None:
            return self.browser.new_context(**about)
        return self.playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=chromium(), args=ARGUMENTS, **about
        )

    def forgive(self, *words: str) -> None:
        """Chromium reports answers from 400 up as errors; a story names those that it provokes itself."""
        self.forgiven += words

    def _worker(self, worker: Worker) -> None:
        worker.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme not in ("blob", "data") and where.hostname not in OURS:
            self._complain(f"asked a foreign host: {request.url}")

    def _complain(self, text: str) -> None:
        self.complaints.append(text)

    def unforgiven(self) -> list[str]:
        """Complaints but those of a missing network, and those that the story provokes itself."""

        def is_ordinary(text: str) -> bool:
            return (NO_NETWORK in text and BLOCKED not in text) or any(word in text for word in self.forgiven)

        return [text for text in self.complaints if not is_ordinary(text)]

    def kill(self) -> None:
        """SIGKILL to every process of this profile, as when the battery is empty."""
        assert self.profile is not None, "only a tablet with a profile of its own can be killed"
        mark = f"--user-data-dir={self.profile}".encode()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and mark in _command_line(entry):
                os.kill(int(entry.name), signal.SIGKILL)
        self.running = None
        for lock in self.profile.glob("Singleton*"):
            lock.unlink(missing_ok=True)

    def keeps_its_session(self, *, within: float = 45) -> None:
        """Waits until Chromium, which takes up to 30 s for it, has the session's cookie on the disk."""
        assert self.profile is not None, "only a tablet with a profile of its own has a disk"
        deadline = time.monotonic() + within
        while not any(b"rounds" in jar.read_bytes() for jar in self.profile.glob("Default/**/Cookies*")):
            assert time.monotonic() < deadline, "the cookie did not reach the disk"
            time.sleep(0.5)

    def close(self) -> None:
        if self.running:
            self.running.close()
            self.running = None

    def __enter__(self) -> Tablet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        # A failing test keeps its own reason; a passing one must have been quiet.
        if kind is None:
            assert self.unforgiven() == [], "\n".join(self.unforgiven())


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
