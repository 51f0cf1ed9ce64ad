"""The machine's own Chromium, driven by Playwright; nothing is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "no chromium on PATH, and the console is tested in it: install it (Debian: apt-get install chromium), or put a "
    f"link of one of these names there: {', '.join(NAMES)}"
)
SAME_PIXELS = ("--disable-partial-raster", "--disable-lcd-text", "--font-render-hinting=none", "--num-raster-threads=1")
"""What is drawn twice looks the same twice."""
ELSEWHERE = "elsewhere.example"
"""A name that leads to this machine, as one of a stranger's would after DNS rebinding."""


def chromium() -> str:
    """The path of the browser; where there is none the test fails and says what to install."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=[f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1", *SAME_PIXELS]
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """A page, and whatever its browser has complained of since: violations of the policy, errors, failed requests."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", self._failed)
        self.page.on("dialog", self._interrupted)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, error: Error) -> None:
        self.complaints.append(f"error: {error.message}")

    def _interrupted(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def mark(self) -> None:
        """A page that is loaded anew has forgotten it."""
        self.page.evaluate("window.markedByTheTest = true")

    @property
    def is_same(self) -> bool:
        return bool(self.page.evaluate("window.markedByTheTest === true"))


@contextmanager
def window(browser: Browser, **options: object) -> Iterator[Window]:
    """In a context of its own: no window sees what another left behind."""
    context: BrowserContext = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    try:
        yield Window(context.new_page())
    finally:
        context.close()
