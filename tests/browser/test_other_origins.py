"""A stranger's page in the same browser can neither read the console nor make it do anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import ELSEWHERE, window
from tests.browser.shop import send_malformed
from tests.local_system import Running

READ = """async (url) => {
    const told = [];
    for (const mode of ["cors", "no-cors"]) {
        try {
            const answer = await fetch(url, {mode});
            told.push(`${answer.type} ${answer.status} ${(await answer.text()).length}`);
        } catch (error) { told.push(error.name); }
    }
    return told;
}"""
LISTEN = """(url) => new Promise((resolve) => {
    const source = new EventSource(url);
    source.onopen = () => resolve("open");
    source.onerror = () => { source.close(); resolve("refused"); };
})"""
LOAD = """(url) => new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve("loaded");
    script.onerror = () => resolve("refused");
    document.head.append(script);
})"""
POST = """async ([url, body]) => {
    try { await fetch(url, {method: "POST", mode: "no-cors", body: new URLSearchParams(body)}); return "sent"; }
    catch (error) { return error.name; }
}"""
SUBMIT = """([url, fields]) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    for (const [name, value] of Object.entries(fields)) {
        const input = document.createElement("input");
        input.name = name;
        input.value = value;
        form.append(input);
    }
    document.body.append(form);
    form.submit();
}"""
FRAME = """(url) => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.onload = () => { try { resolve(frame.contentDocument ? "empty" : "opaque"); } catch { resolve("opaque"); } };
    frame.src = url;
    document.body.append(frame);
})"""


class Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>stranger</title><body>")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: ANN401 -- as http.server declares it
        """Says nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[int]:
    """The port of a server of somebody else's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(params=["127.0.0.1", ELSEWHERE])
def page(request: pytest.FixtureRequest, browser: Browser, stranger: int) -> Iterator[Page]:
    """On another port of this machine, which is the same site to a browser, and on another site."""
    with window(browser) as opened:
        opened.page.goto(f"http://{request.param}:{stranger}/")
        yield opened.page


def token(browser: Browser, system: Running) -> str:
    with window(browser) as opened:
        opened.page.goto(f"{system.url}/console/faults")
        return opened.page.locator("input[name=token]").first.input_value()


@pytest.mark.parametrize("path", ["/console", "/console/orders", "/console/faults", "/console/live"])
def test_it_reads_nothing(page: Page, system: Running, path: str) -> None:
    told = page.evaluate(READ, f"{system.url}{path}")
    assert told[0] == "TypeError"
    assert told[1] in ("TypeError", "opaque 0 0")


def test_it_hears_no_stream(page: Page, system: Running) -> None:
    assert page.evaluate(LISTEN, f"{system.url}/console/live") == "refused"


def test_it_loads_no_script_and_no_frame(page: Page, browser: Browser, system: Running) -> None:
    with window(browser) as opened:
        opened.page.goto(f"{system.url}/console")
        script = opened.page.locator("script[src]").first.evaluate("script => script.src")
    assert page.evaluate(LOAD, script) == "refused"
    page.evaluate(FRAME, f"{system.url}/console")
    assert all(frame.title() != "Overview · Orderly" for frame in page.frames[1:])


def test_it_posts_nothing_even_if_it_knew_the_token(page: Page, browser: Browser, system: Running) -> None:
    send_malformed(system, "kept", b"not JSON", queue="inventory")
    fields = {"token": token(browser, system), "task": "restock", "fault": "fail", "orders": "1"}
    page.evaluate(POST, [f"{system.url}/console/faults/arm", fields])
    page.evaluate(POST, [f"{system.url}/console/queues/inventory/redrive", fields])
    page.evaluate(SUBMIT, [f"{system.url}/console/faults/arm", fields])
    page.wait_for_url(f"{system.url}/console/faults/arm")
    expect(page.locator("body")).to_contain_text("another web page asked for this")
    with window(browser) as opened:
        opened.page.goto(f"{system.url}/console/faults")
        expect(opened.page.get_by_text("Nothing is armed")).to_be_visible()


def test_its_own_name_for_this_machine_is_misdirected(browser: Browser, system: Running) -> None:
    """After DNS rebinding the console would be of the stranger's own origin."""
    with window(browser) as opened:
        answer = opened.page.goto(f"http://{ELSEWHERE}:{system.port}/console")
        assert answer is not None
        assert answer.status == 421
        assert "for this machine alone" in opened.page.content()


def test_a_link_from_elsewhere_leads_here(page: Page, system: Running) -> None:
    page.evaluate("(url) => { location.href = url; }", f"{system.url}/console")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
