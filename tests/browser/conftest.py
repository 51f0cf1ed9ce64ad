"""One system, and one browser, for each file: Playwright's loop may not outlive the tests that need it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import Window, launched, window
from tests.browser.shop import impatient
from tests.local_system import Running

expect.set_options(timeout=20_000)  # a busy machine may take longer than Playwright's five seconds


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with impatient(tmp_path_factory.mktemp("system")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture
def seen(browser: Browser) -> Iterator[Window]:
    """A window that has to have nothing to complain of."""
    with window(browser) as opened:
        yield opened
        assert opened.complaints == []
