"""Anybody can use it: by keyboard alone, with a screen reader, on a telephone and on a wall, without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Window, window
from tests.browser.shop import place, send_malformed
from tests.local_system import Running

AXE = Path(__file__).parents[2] / ".engines" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "",
    "/orders",
    "/orders/ORDER",
    "/queues",
    "/queues/inventory",
    "/queues/inventory?try=all",
    "/faults",
    "/none",
)
"""ORDER stands for an order that failed and was undone."""
LONG = "SKU-" + "VERY-LONG-" * 6


@pytest.fixture(scope="module")
def order_id(system: Running) -> str:
    """One of them, and something to see on every other page."""
    send_malformed(system, "poison", json.dumps({"note": "x" * 400}).encode(), queue="inventory")
    return place(system, "sandbox-decline", sku=LONG[:64])


def shown(page: Page, system: Running, path: str, order_id: str) -> None:
    page.goto(f"{system.url}/console{path.replace('ORDER', order_id)}")
    if "ORDER" in path:
        expect(page.locator(".facts").get_by_text("FAILED")).to_be_visible()
    if "inventory" in path:
        expect(page.locator(".letters > li")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser: Browser, system: Running, order_id: str, path: str, scheme: str) -> None:
    assert AXE.exists(), f"{AXE} is missing: run `make engines`"
    with window(browser, color_scheme=scheme, reduced_motion="reduce") as opened:
        shown(opened.page, system, path, order_id)
        opened.page.evaluate(AXE.read_text())
        found: Any = opened.page.evaluate("axe.run()")
    assert len(found["passes"]) > 10
    assert [f"{each['impact']} {each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]] == []


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways(browser: Browser, system: Running, order_id: str, path: str) -> None:
    with window(browser) as opened:
        shown(opened.page, system, path, order_id)
        for width in (360, 768, 1440, 3840):
            opened.page.set_viewport_size({"width": width, "height": 800})
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def stops(page: Page, most: int = 200) -> Iterator[str]:
    """Presses Tab until the focus is at the beginning again; gives what has it, and asserts that one can see it."""
    page.evaluate("document.activeElement.blur()")
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const at = document.activeElement;
                if (at === document.body) return null;
                const box = at.closest("svg") && at.querySelector(".node > rect");
                const style = getComputedStyle(box ?? at);
                const ring = box ? parseFloat(style.strokeWidth) >= 3 : parseFloat(style.outlineWidth) >= 2;
                const label = at.getAttribute("aria-label") ?? at.textContent.trim();
                return [ring && at.matches(":focus-visible"), `${at.tagName.toLowerCase()} ${at.id || label}`];
            }"""
        )
        if found is None:
            return
        is_seen, name = found
        assert is_seen, f"the focus cannot be seen on {name}"
        yield name
    pytest.fail("the focus never comes round")


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/none" and "?" not in path])
def test_everything_is_reached_by_tab_and_the_focus_is_seen(
    seen: Window, system: Running, order_id: str, path: str
) -> None:
    shown(seen.page, system, path, order_id)
    reached = list(stops(seen.page))
    able = seen.page.locator("a[href], button, input:not([type=hidden]), select, summary").count()
    radios = max(0, seen.page.locator("input[type=radio]").count() - 1)  # arrows move between them
    assert reached[0].endswith("Skip to content")
    assert len(reached) >= able - radios


def test_a_step_is_broken_and_mended_by_keyboard_alone(seen: Window, system: Running) -> None:
    page = seen.page
    page.goto(f"{system.url}/console")
    press_until(page, "a Break a step")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Break a step")).to_be_visible()
    press_until(page, "select task")
    page.keyboard.type("cancel")
    press_until(page, "input ")
    page.keyboard.press("ArrowDown")
    press_until(page, "input orders")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator(".armed li")).to_contain_text("cancel-shipment stall 2 orders left")
    expect(page.locator("#orders"), "what had the focus keeps it").to_be_focused()
    press_until(page, "button disarm-")
    page.keyboard.press("Enter")
    expect(page.locator(".armed li")).to_have_count(0)
    expect(page.locator("#content"), "the focus stays where the change is").to_be_focused()


def press_until(page: Page, beginning: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "() => `${document.activeElement.tagName.toLowerCase()} "
            "${document.activeElement.id || document.activeElement.textContent.trim()}`"
        )
        if at.startswith(beginning):
            return
    pytest.fail(f"Tab never comes to {beginning!r}")


def test_the_skip_link_leads_to_the_content(seen: Window, system: Running) -> None:
    seen.page.goto(f"{system.url}/console/orders")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("document.activeElement.id") == "content"


def test_the_focus_stays_on_a_link_while_the_page_changes_under_it(
    seen: Window, system: Running, order_id: str
) -> None:
    page = seen.page
    page.goto(f"{system.url}/console/orders")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.locator(f"#o-{order_id}").focus()
    expect(page.get_by_role("row", name=place(system))).to_be_visible()
    expect(page.locator(f"#o-{order_id}")).to_be_focused()


def test_everything_can_be_done_without_javascript(browser: Browser, system: Running) -> None:
    send_malformed(system, "poison-2", b"not JSON", queue="analytics")
    with window(browser, java_script_enabled=False) as opened:
        page = opened.page
        page.goto(f"{system.url}/console/faults")
        expect(page.get_by_text("As of loading")).to_be_visible()
        page.get_by_label("Step").select_option("restock")
        page.get_by_role("button", name="Arm", exact=True).click()
        expect(page.locator(".armed")).to_contain_text("restock")
        page.get_by_role("button", name="Disarm: restock").click()
        expect(page.get_by_text("Nothing is armed")).to_be_visible()
        wait_for_letter(page, f"{system.url}/console/queues/analytics")
        page.get_by_role("button", name="Dry run of all").click()
        expect(page.locator(".notice")).to_contain_text("1 would be sent back")
        page.get_by_role("button", name="Send all back").click()
        expect(page.locator(".notice")).to_contain_text("1 sent back")


def wait_for_letter(page: Page, url: str) -> None:
    for _ in range(100):
        page.goto(url)
        if page.locator(".letters").count():
            return
        page.wait_for_timeout(100)
    pytest.fail("the message did not die")
