"""Chromium as a tablet or a desk, with a profile that survives being killed, and its complaints kept."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import TracebackType

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright

CHROMIUM = os.environ.get("ROUNDS_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]  # fmt: skip
SIZES = {"landscape": (1280, 800), "portrait": (800, 1280), "office": (1440, 900)}
# Chromium itself reports a request that failed for want of a network as a console error; being offline is the
# ordinary state of a tablet, so these words, and only these, are no complaint.
NETWORK_WORDS = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_CONNECTION_REFUSED", "net::ERR_FAILED",
                 "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE", "net::ERR_NETWORK_CHANGED",
                 "net::ERR_CONNECTION_CLOSED", "ERR_INCOMPLETE_CHUNKED_ENCODING")  # fmt: skip


class Tablet:
    """One persistent profile. ``complaints`` holds console errors, page errors and CSP violations."""

    def __init__(self, playwright: Playwright, profile: Path, *, size: str = "landscape") -> None:
        self.playwright, self.profile, self.size = playwright, profile, size
        self.complaints: list[str] = []
        self.context: BrowserContext | None = None

    def open(self) -> Page:
        width, height = SIZES[self.size]
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=CHROMIUM, headless=True, args=ARGUMENTS, locale="zh-CN",
            timezone_id="Asia/Shanghai", viewport={"width": width, "height": height},
            permissions=["camera", "background-sync"], has_touch=self.size != "office",
        )  # fmt: skip
        self.context.on("page", self._listen)
        page = self.context.pages[0]
        self._listen(page)
        return page

    def _listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(word in message.text for word in NETWORK_WORDS):
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def kill(self) -> None:
        """SIGKILL to every process of this profile, as when the battery is empty."""
        mark = f"--user-data-dir={self.profile}"
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().decode(errors="replace")
                except OSError:
                    continue
                if mark in words:
                    os.kill(int(entry.name), signal.SIGKILL)
        self.context = None
        for lock in self.profile.glob("Singleton*"):
            lock.unlink(missing_ok=True)

    def close(self) -> None:
        if self.context:
            self.context.close()
            self.context = None

    def __enter__(self) -> Tablet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        # A failing test keeps its own reason; a passing one must have been quiet.
        if kind is None:
            assert self.complaints == [], "\n".join(self.complaints)
