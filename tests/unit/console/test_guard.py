"""Who may ask: pages of ours, on this machine."""

from __future__ import annotations

import pytest

from console.guard import MAX_FORM_BYTES, POLICY
from tests.unit.console.asking import HOST, ORIGIN, PORT, Browser
from tests.unit.console.memory import MemorySystem, letter

REDRIVE = "/console/queues/fulfilment/redrive"


@pytest.fixture
def system() -> MemorySystem:
    return MemorySystem(letters={"fulfilment": [letter("dead")]})


@pytest.fixture
def browser(system: MemorySystem) -> Browser:
    return Browser(system.site())


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}"])
def test_a_loopback_name_with_our_port_is_answered(browser: Browser, host: str) -> None:
    assert browser.get("/console", host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "localhost",
        f"[::1]:{PORT}",
        f"127.0.0.1:{PORT + 1}",
        f"evil.example:{PORT}",
        f"127.0.0.1.evil.example:{PORT}",
    ],
)
def test_any_other_host_is_misdirected_whatever_it_asks_for(browser: Browser, host: str) -> None:
    for path in ("/console", "/console/live", "/console/assets/none"):
        answer = browser.get(path, host=host)
        assert answer.status == 421
        assert f"http://127.0.0.1:{PORT}/console" in answer.text


def test_another_sites_page_can_follow_a_link_here_and_load_nothing(browser: Browser) -> None:
    assert browser.get("/console", sec_fetch_site="cross-site", sec_fetch_mode="navigate").status == 200
    for site in ("cross-site", "same-site"):  # another port of this machine is the same site
        for path in ("/console", "/console/live", "/console/orders"):
            assert browser.get(path, sec_fetch_site=site, sec_fetch_mode="no-cors").status == 403


def test_what_is_no_browser_may_read(browser: Browser) -> None:
    assert browser.get("/console", sec_fetch_site="").status == 200


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("http://evil.example", "cross-site"),
        ("http://evil.example", ""),
        ("http://evil.example", "same-origin"),
        (f"http://127.0.0.1:{PORT + 1}", "same-site"),
        (f"http://localhost:{PORT}", "same-site"),
        (f"https://{HOST}", ""),
        (ORIGIN, "cross-site"),
        ("null", "cross-site"),
        ("null", ""),
        ("", ""),
        ("", "none"),
    ],
)
def test_a_post_from_elsewhere_changes_nothing_even_with_the_token(
    browser: Browser, system: MemorySystem, origin: str, site: str
) -> None:
    assert browser.post(REDRIVE, origin=origin, sec_fetch_site=site).status == 403
    assert system.redriven == []


@pytest.mark.parametrize(("origin", "site"), [(ORIGIN, "same-origin"), (ORIGIN, ""), ("null", "same-origin")])
def test_a_post_of_our_own_page_is_done(browser: Browser, system: MemorySystem, origin: str, site: str) -> None:
    assert browser.post(REDRIVE, origin=origin, sec_fetch_site=site).status == 303
    assert system.redriven == [("fulfilment", None)]


@pytest.mark.parametrize("token", ["", "another", "ü"])
@pytest.mark.parametrize("path", [REDRIVE, "/console/faults/arm", "/console/faults/disarm"])
def test_a_post_without_the_pages_token_changes_nothing(
    browser: Browser, system: MemorySystem, token: str, path: str
) -> None:
    fields = {"token": token, "task": "pay", "fault": "fail", "orders": "1"}
    answer = browser.post(path, fields)
    assert (answer.status, system.redriven, system.broken) == (403, [], {})
    assert "load the page again" in answer.text


def test_each_site_has_a_token_of_its_own(system: MemorySystem) -> None:
    assert system.site().token != system.site().token


@pytest.mark.parametrize("path", [REDRIVE, "/console/faults/arm", "/console/faults/disarm"])
def test_what_changes_something_cannot_be_asked_for_by_get(browser: Browser, system: MemorySystem, path: str) -> None:
    assert browser.get(f"{path}?token={system.site().token}&task=pay&fault=fail&orders=1").status == 405
    assert (system.redriven, system.broken) == ([], {})


def test_a_form_is_read_no_further_than_a_form_of_ours_goes(browser: Browser, system: MemorySystem) -> None:
    answer = browser.post(REDRIVE, {"id": "x" * MAX_FORM_BYTES})
    assert (answer.status, system.redriven) == (413, [])


@pytest.mark.parametrize("body", [{"content_length": "2"}, {"transfer_encoding": "chunked"}])
@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/console", HOST, 200),
        ("/console/assets/none", HOST, 404),
        (REDRIVE, HOST, 405),
        ("/console", "evil.example", 421),
    ],
)
def test_who_sends_a_body_is_answered_once_for_the_rest_of_it_would_hold_the_connection(
    browser: Browser, path: str, host: str, status: int, body: dict[str, str]
) -> None:
    answer = browser.get(path, host=host, **body)
    assert (answer.status, answer.headers.get("connection")) == (status, "close")


@pytest.mark.parametrize("length", ["", "0"])
def test_who_sends_none_may_ask_again_on_the_same_connection(browser: Browser, length: str) -> None:
    assert "connection" not in browser.get("/console", content_length=length).headers


@pytest.mark.parametrize("path", ["/console", "/console/queues/none", "/console/no/such", REDRIVE])
@pytest.mark.parametrize("host", [HOST, "evil.example"])
def test_every_answer_carries_what_keeps_a_browser_strict(browser: Browser, path: str, host: str) -> None:
    headers = browser.get(path, host=host).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_the_policy_allows_nothing_but_our_own_files() -> None:
    assert POLICY.split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
