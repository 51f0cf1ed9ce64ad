"""`python -m tests.browser.screenshots docs/console`: takes the pictures of the console that the documents show.

The moments and ids on them are fixed, so that they change only when the pages do (or the machine's fonts).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import chromium, launched, window
from tests.browser.scene import UNDONE, served

MAX_BYTES = 150_000
SETTLED_MS = 800
"""The first events of the stream have been put in by then."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    path: str
    scheme: str
    height: int


PICTURES: Mapping[str, Picture] = {
    "overview": Picture(path="", scheme="dark", height=900),
    "order": Picture(path=f"/orders/{UNDONE}", scheme="light", height=900),
    "dead-letters": Picture(path="/queues/fulfilment", scheme="dark", height=620),
    "break-a-step": Picture(path="/faults", scheme="light", height=620),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    require_chromium()
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with served() as address, launched() as browser:
        sizes = {name: take(browser, address, picture, folder / f"{name}.png") for name, picture in PICTURES.items()}
    for name, size in sizes.items():
        print(f"{folder / name}.png: {size:,} bytes")
    return int(max(sizes.values()) > MAX_BYTES)


def require_chromium() -> None:
    try:
        chromium()
    except pytest.fail.Exception as missing:
        sys.exit(f"tests.browser.screenshots: {missing}")


def take(browser: Browser, address: str, picture: Picture, to: Path) -> int:
    """Returns the size of the file; complaints of the browser end it."""
    size = {"width": 1440, "height": picture.height}
    with window(browser, viewport=size, color_scheme=picture.scheme, reduced_motion="reduce") as opened:
        opened.page.goto(f"{address}{picture.path}")
        expect(opened.page.get_by_text("Live", exact=True)).to_be_visible()
        opened.page.wait_for_timeout(SETTLED_MS)
        opened.page.screenshot(path=to, animations="disabled")
        if opened.complaints:
            raise SystemExit("\n".join(opened.complaints))
    return to.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
