"""What the pages show, and that whatever is in an order or a dead letter is text there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from console import rendering, wording
from console.ports import Alarm, Armed, Fault, Loop
from console.views import LISTED
from functions.domain.events import EventType
from operations.ports import Ending, Phase, SagaRun
from tests.unit.console.asking import Browser, Page
from tests.unit.console.memory import HOSTILE, NOON, MemorySystem, attempt, events, letter

UNDONE = SagaRun(
    status="failed",
    reason=HOSTILE,
    attempts=(
        attempt("validate"),
        attempt("reserve", at=0.2),
        attempt("pay", at=1, ending=Ending.FAULTED, message=HOSTILE),
        attempt("pay", 2, at=3, ending=Ending.REFUSED, code="declined"),
        attempt("reserve", at=4, phase=Phase.UNDO),
        attempt("fail-order", at=5, seconds=None, phase=Phase.END),
    ),
    uncompensated=("ship",),
)
PAGES = ("", "/orders", "/orders/ord_1", "/queues", "/queues/fulfilment", "/queues/fulfilment?try=all", "/faults", "/x")


@pytest.fixture
def system() -> MemorySystem:
    """With something hostile wherever a stranger can put something."""
    return MemorySystem(
        told={"ord_1": events("ord_1", EventType.RESERVED, EventType.FAILED, sku=HOSTILE)},
        runs={"ord_1": UNDONE},
        letters={
            "fulfilment": [letter(HOSTILE, body=json.dumps({"a": HOSTILE}).encode(), reason=HOSTILE)],
            "ops": [],
        },
        depth=3,
        raised=[Alarm(name="fulfilment-dead-letters", value=1)],
        kept=[Loop(name="feed/orders", is_running=False, restarts=2, last_error=HOSTILE)],
        broken={"pay": Armed(task="pay", fault=Fault.STALL, orders_left=4)},
    )


@pytest.fixture
def browser(system: MemorySystem) -> Browser:
    return Browser(system.site())


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_a_style_of_its_own(browser: Browser, path: str) -> None:
    page = Page(browser.get(f"/console{path}").text)
    assert len(page.tags) > 20
    assert page.all("style") == []
    assert page.all("img") == []
    for tag in page.tags:
        assert not [name for name in tag.attributes if name == "style" or name.startswith("on")], tag
        if tag.name == "script":
            assert tag.attributes["src"].startswith("/console/assets/")
            assert tag.text.strip() == ""


@pytest.mark.parametrize("path", PAGES)
def test_what_strangers_sent_is_text(browser: Browser, path: str) -> None:
    html = browser.get(f"/console{path}").text
    assert "<script>alert" not in html
    assert "<img" not in html


def test_what_strangers_sent_is_there_to_be_read(browser: Browser) -> None:
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;"
    order, queue = (browser.get(f"/console{path}").text for path in ("/orders/ord_1", "/queues/fulfilment"))
    assert order.count(escaped) >= 4  # SKU, reason of the order and of the run, message of an attempt
    assert queue.count(escaped) >= 3  # id, reason and body


def test_what_would_turn_a_line_round_is_shown_as_an_escape(system: MemorySystem, browser: Browser) -> None:
    system.letters["fulfilment"] = [letter("a", body="one\u202etwo\nthree\x1b[0m".encode(), reason="\u202exyz")]
    html = browser.get("/console/queues/fulfilment").text
    assert "\\u202exyz" in html
    assert "one\\u202etwo\nthree\\x1b[0m" in html
    assert not {"\u202e", "\x1b"} & set(html)


def test_a_body_that_is_json_is_indented_and_any_other_as_it_is(system: MemorySystem, browser: Browser) -> None:
    system.letters["fulfilment"] = [letter("a", body=b'{"b":[1,2]}'), letter("b", body=b"\xff<b>")]
    html = browser.get("/console/queues/fulfilment").text
    assert "{\n  &#34;b&#34;: [\n    1,\n    2\n  ]\n}" in html
    assert "\\xff&lt;b&gt;" in html


def test_htmx_evaluates_nothing_and_asks_nobody_else(browser: Browser) -> None:
    (meta,) = [
        tag for tag in Page(browser.get("/console").text).all("meta") if tag.attributes.get("name") == "htmx-config"
    ]
    config = json.loads(meta.attributes["content"])
    off = ("allowEval", "allowScriptTags", "includeIndicatorStyles")
    assert [config[name] for name in (*off, "selfRequestsOnly", "historyCacheSize")] == [False, False, False, True, 0]


def test_the_overview_shows_what_is_alarming_and_what_waits(browser: Browser) -> None:
    html = browser.get("/console").text
    assert "1 alarm raised" in html
    assert "queue fulfilment: 3 waiting or in hand, 1 dead letters" in html
    assert re.search(r"feed/orders.*0 of 1", html, re.DOTALL)


def test_loops_of_one_kind_of_work_are_one_line(system: MemorySystem, browser: Browser) -> None:
    system.kept = [
        Loop(name=f"consumer/ops/{number}", is_running=number > 0, restarts=number, last_error=None)
        for number in range(3)
    ]
    html = browser.get("/console").text
    assert re.search(r"consumer/ops<[^/]*/td>\s*<td class=\"n\">2 of 3</td>\s*<td class=\"n\">3<", html)
    assert "consumer/ops/1" not in html


def test_orders_are_counted_by_status_and_can_be_asked_for_by_it(system: MemorySystem, browser: Browser) -> None:
    system.told["ord_2"] = events("ord_2")
    assert 'href="/console/orders?status=FAILED"' in browser.get("/console").text
    html = browser.get("/console/orders?status=FAILED").text
    assert "ord_1" in html
    assert "ord_2" not in html
    assert 'sse-connect="/console/orders/live?status=FAILED"' in html


def test_no_more_orders_are_listed_than_can_be_read(system: MemorySystem, browser: Browser) -> None:
    system.told = {f"ord_{number}": events(f"ord_{number}") for number in range(LISTED + 1)}
    html = browser.get("/console/orders").text
    assert html.count('id="o-ord_') == LISTED
    assert f"The newest {LISTED}" in html


def test_an_order_shows_its_lines_its_events_and_each_attempt_of_its_saga(browser: Browser) -> None:
    html = browser.get("/console/orders/ord_1").text
    assert "35.00 EUR" in html
    assert [tag.text.strip() for tag in Page(html).all("b")] == ["order.placed", "order.reserved", "order.failed"]
    assert "after 1.5 s" in html  # between the two attempts to pay
    assert "Could not be undone: ship." in html
    assert re.findall(r'class="stop p-do a-succeeded( undone)?"', html) == ["", " undone"]  # validated, then reserved
    assert re.search(r'class="stop p-undo a-succeeded"', html)
    assert re.search(r'class="stop p-end a-under-way"', html)


@pytest.mark.parametrize(
    ("status", "said"),
    [("running", "Running"), ("succeeded", "Ended: succeeded"), ("stuck", "Stuck: nobody works on it any more")],
)
def test_a_run_says_where_it_stands(system: MemorySystem, browser: Browser, status: str, said: str) -> None:
    system.runs["ord_1"] = replace(UNDONE, status=status)
    assert f'<p class="run r-{status}">{said}' in browser.get("/console/orders/ord_1").text


def test_an_order_whose_saga_has_not_begun_says_so(system: MemorySystem, browser: Browser) -> None:
    system.runs.clear()
    assert "it has not begun" in browser.get("/console/orders/ord_1").text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/orders/none", "there is no order none"),
        ("/orders?status=LOST", "there are PLACED, RESERVED"),
        ("/queues/none", "there are fulfilment, ops"),
        ("/queues/none/live", "there are fulfilment, ops"),
        ("/no/such", "there is no such page"),
        ("/assets/0-none.js", "load the page again"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(browser: Browser, path: str, says: str) -> None:
    answer = browser.get(f"/console{path}")
    assert answer.status == 404
    assert says in answer.text


def test_an_order_is_found_by_the_id_that_was_typed(browser: Browser) -> None:
    assert browser.get("/console/find?order_id=%20ord_1%20").headers["location"] == "/console/orders/ord_1"
    assert browser.get("/console/find?order_id=../queues").headers["location"] == "/console/orders/..%2Fqueues"
    assert browser.get("/console/find").headers["location"] == "/console/orders"


def test_a_page_that_cannot_be_made_says_so_and_tells_nothing_of_the_inside(
    system: MemorySystem, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemorySystem, "alarms", lambda _: 1 / 0)
    answer = browser.get("/console")
    assert answer.status == 500
    assert "the failure is in the log" in answer.text
    assert "division" not in answer.text


def test_times_are_shown_in_utc(browser: Browser) -> None:
    moment = NOON + timedelta(seconds=1)
    assert f'datetime="{moment:%Y-%m-%dT%H:%M:%S}.000Z"' in browser.get("/console/orders/ord_1").text


def test_a_body_is_laid_out_once_unless_it_is_large(
    system: MemorySystem, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out = list[int]()

    def counted(body: bytes) -> list[str]:
        laid_out.append(len(body))
        return [body.decode()[:9]]

    monkeypatch.setattr(wording, "body_lines", counted)
    rendering._remembered.cache_clear()
    large = rendering.REMEMBERED_BYTES + 1
    system.letters["fulfilment"] = [letter("a", body=b"a" * 500), letter("b", body=b"b" * large)]
    pages = {re.sub(r"\s+", " ", browser.get("/console/queues/fulfilment").text) for _ in range(3)}
    rendering._remembered.cache_clear()
    assert sorted(laid_out) == [500, large, large, large]
    assert len(pages) == 1


def test_a_site_without_a_prefix_is_under_the_root(system: MemorySystem) -> None:
    browser = Browser(replace(system.site(), prefix=""))
    for path, stream in (
        ("/", "/live"),
        ("/orders", "/orders/live"),
        ("/orders?status=FAILED", "/orders/live?status=FAILED"),
    ):
        assert f'sse-connect="{stream}"' in browser.get(path).text
    browser.stop.set()
    assert browser.get("/live").headers["content-type"].startswith("text/event-stream")
