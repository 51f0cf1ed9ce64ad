"""What somebody does who watches orders, breaks a step, and clears up after it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.chromium import Window, window
from tests.browser.shop import place, placed_event, send_malformed, send_unacknowledged
from tests.local_system import Running, running

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def test_an_order_is_seen_to_come_in_and_to_be_fulfilled(system: Running, seen: Window) -> None:
    page = seen.page
    page.goto(f"{system.url}/console/orders")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    seen.mark()
    order_id = place(system)
    row = page.get_by_role("row", name=order_id)
    expect(row).to_be_visible()
    expect(row.get_by_text("FULFILLED")).to_be_visible()
    assert seen.is_same, "the page was loaded again"
    page.get_by_role("link", name=order_id).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(order_id)
    expect(page.get_by_text("Ended: succeeded")).to_be_visible()
    for step in ("validate-order", "reserve-inventory", "process-payment", "notify-warehouse", "complete-order"):
        expect(page.locator(".stop.p-do.a-succeeded", has_text=step)).to_be_visible()
    expect(page.locator(".timeline").get_by_text("order.fulfilled")).to_be_visible()


def test_each_attempt_of_a_saga_is_seen_as_it_happens(system: Running, seen: Window) -> None:
    page = seen.page
    page.goto(f"{system.url}/console/faults")
    arm(seen, "reserve-inventory", "Stall")
    page.goto(f"{system.url}/console/orders/{place(system)}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    seen.mark()
    stop = page.locator(".stop.p-do", has_text="reserve-inventory")
    for number in (1, 2, 3):
        attempt = stop.locator(".tries li").nth(number - 1)
        if number > 1:  # the first may be over before the page is there
            expect(attempt).to_contain_text("under way")
            expect(stop.locator(".tries li")).to_have_count(number)
        expect(attempt).to_contain_text("failed")
    expect(page.get_by_text("Ended: failed")).to_be_visible()
    assert seen.is_same, "the page was loaded again"


def test_a_broken_step_fails_the_order_and_what_was_done_is_undone(system: Running, seen: Window) -> None:
    page = seen.page
    page.goto(f"{system.url}/console")
    page.get_by_role("link", name="Break a step").click()
    arm(seen, "process-payment", "Fail")
    seen.mark()
    order_id = place(system)
    expect(page.locator(".armed", has_text="process-payment")).to_have_count(0)  # taken by the order
    assert seen.is_same
    page.get_by_role("link", name="Orders").click()
    page.get_by_label("Order id").fill(order_id)
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".facts").get_by_text("FAILED")).to_be_visible()
    broken = page.locator(".stop.p-do.a-faulted", has_text="process-payment")
    expect(broken.locator(".tries li")).to_have_count(3)
    expect(page.locator(".stop.p-undo.a-succeeded", has_text="reserve-inventory")).to_be_visible()
    expect(page.locator(".stop.undone", has_text="reserve-inventory")).to_be_visible()
    expect(page.locator(".timeline").get_by_text("order.released")).to_be_visible()


def arm(seen: Window, task: str, fault: str) -> None:
    page = seen.page
    page.get_by_label("Step").select_option(task)
    page.get_by_label(f"{fault}:").check()
    page.get_by_label("For how many orders").fill("1")
    page.get_by_role("button", name="Arm", exact=True).click()
    expect(page.locator(".armed", has_text=task)).to_contain_text("1 order left")


def test_a_fault_is_taken_back_before_any_order_meets_it(system: Running, seen: Window) -> None:
    page = seen.page
    page.goto(f"{system.url}/console/faults")
    arm(seen, "complete-order", "Lose its answer")
    page.get_by_role("button", name="Disarm: complete-order").click()
    expect(page.locator(".armed", has_text="complete-order")).to_have_count(0)
    order_id = place(system)
    page.goto(f"{system.url}/console/orders/{order_id}")
    step = page.locator(".stop.a-succeeded", has_text="complete-order")
    expect(step.locator(".tries li")).to_have_count(1)


def test_a_message_that_cannot_be_read_dies_with_its_reason_and_its_body_is_text(system: Running, seen: Window) -> None:
    page = seen.page
    page.goto(f"{system.url}/console/queues/inventory")
    expect(page.get_by_text("None: every message")).to_be_visible()
    send_malformed(system, "poison", json.dumps({"note": HOSTILE}).encode(), queue="inventory")
    letter = page.locator(".letters > li", has_text="poison")
    expect(letter.locator(".reason")).to_contain_text("malformed")
    letter.get_by_text("Body,").click()
    expect(letter.locator("pre")).to_contain_text(json.dumps(HOSTILE))
    assert page.locator("pre img, pre script").count() == 0
    page.goto(f"{system.url}/console")
    expect(page.get_by_role("link", name=re.compile("queue inventory: .* 1 dead letters"))).to_be_visible()


def test_a_dead_letter_is_tried_dry_then_sent_back_and_is_gone(system: Running, seen: Window) -> None:
    page = seen.page
    event = placed_event(system, place(system))
    page.goto(f"{system.url}/console/queues/fulfilment")
    send_unacknowledged(system, event)
    letter = page.locator(".letters > li", has_text=event.id)
    expect(letter.locator(".reason")).to_contain_text("not acknowledged within the visibility timeout")
    seen.mark()
    page.get_by_role("button", name=f"Dry run: {event.id}").click()
    notice = page.locator(".notice")
    expect(notice).to_contain_text("1 would be sent back to fulfilment; nothing was done")
    expect(notice).to_contain_text(event.id)
    expect(notice).to_be_focused()
    expect(letter).to_be_visible()
    page.get_by_role("button", name=f"Send back: {event.id}").click()
    expect(notice).to_contain_text("1 sent back to fulfilment")
    expect(notice).to_be_focused()
    expect(letter).to_have_count(0)
    expect(page.get_by_text("None: every message")).to_be_visible()
    assert seen.is_same, "the page was loaded again"
    expect(page.locator(".facts", has_text="Depth")).to_contain_text("Depth0")


def test_every_dead_letter_of_a_queue_is_sent_back_at_once(system: Running, seen: Window) -> None:
    page = seen.page
    events = [placed_event(system, place(system)) for _ in range(3)]
    for event in events:
        send_unacknowledged(system, event)
    page.goto(f"{system.url}/console/queues/fulfilment")
    expect(page.locator(".letters > li")).to_have_count(3)
    page.get_by_role("button", name="Dry run of all").click()
    expect(page.locator(".notice li")).to_have_count(3)
    page.get_by_role("button", name="Send all back").click()
    expect(page.locator(".notice")).to_contain_text("3 sent back")
    expect(page.get_by_text("None: every message")).to_be_visible()


def test_a_page_says_so_when_the_system_has_gone(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as system, window(browser) as opened:
        opened.page.goto(f"{system.url}/console/queues")
        expect(opened.page.get_by_text("Live", exact=True)).to_be_visible()
        system.process.terminate()
        expect(opened.page.get_by_text("Not connected: trying again")).to_be_visible()


def test_a_body_that_is_being_read_stays_open_when_another_letter_dies(system: Running, seen: Window) -> None:
    page = seen.page
    send_malformed(system, "read:1", b'{"read": true}', queue="notifications")
    page.goto(f"{system.url}/console/queues/notifications")
    letters = page.locator(".letters > li")
    body = letters.filter(has_text="read:1").locator("details")
    body.get_by_text("Body,").click()
    expect(body.locator("pre")).to_be_visible()
    seen.mark()
    send_malformed(system, "late:2", b"{}", queue="notifications")
    expect(letters.filter(has_text="late:2")).to_be_visible()
    expect(body).to_have_attribute("open", "")
    expect(body.locator("pre")).to_contain_text("true")
    assert seen.is_same, "the page was loaded again"


def test_a_press_that_nobody_answers_is_told_of(browser: Browser, system: Running) -> None:
    with window(browser) as opened:
        page = opened.page
        page.goto(f"{system.url}/console/faults")
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        page.route("**/faults/arm", lambda route: route.abort())
        page.get_by_role("button", name="Arm", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("No answer came")
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_text("Not connected: trying again")).to_be_visible()
        expect(page.get_by_role("heading", name="Break a step")).to_be_visible()


def test_an_answer_that_is_no_page_does_not_empty_the_one_that_is_shown(browser: Browser, system: Running) -> None:
    with window(browser) as opened:
        page = opened.page
        page.goto(f"{system.url}/console/faults")
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        page.route(
            "**/faults/arm", lambda route: route.fulfill(status=503, content_type="application/problem+json", body="{}")
        )
        with page.expect_navigation():
            page.get_by_role("button", name="Arm", exact=True).click()
        expect(page.get_by_role("heading", name="Break a step")).to_be_visible()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_a_page_that_is_not_kept_up_to_date_does_not_say_that_it_is(browser: Browser, system: Running) -> None:
    with window(browser) as opened:
        page = opened.page
        page.goto(f"{system.url}/console/faults")
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        page.route("**/faults/arm", lambda route: route.continue_(post_data="token=another"))
        page.get_by_role("button", name="Arm", exact=True).click()
        expect(page.get_by_role("heading", name="403")).to_be_visible()
        expect(page.get_by_text("As of loading")).to_be_visible()
