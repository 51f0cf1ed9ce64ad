"""What the console does when a button is pressed, and what it says then."""

from __future__ import annotations

import pytest

from console.ports import Armed, Fault, UnwritableError
from operations.ports import MAX_AT_ONCE
from tests.unit.console.asking import Browser, Page
from tests.unit.console.memory import HOSTILE, MemoryLetters, MemorySystem, letter


@pytest.fixture
def system() -> MemorySystem:
    return MemorySystem(broken={"pay": Armed(task="pay", fault=Fault.STALL, orders_left=4)})


@pytest.fixture
def browser(system: MemorySystem) -> Browser:
    return Browser(system.site())


def test_a_dry_run_says_what_would_be_sent_back_and_sends_nothing(system: MemorySystem, browser: Browser) -> None:
    system.letters["fulfilment"] = [letter("one"), letter("two")]
    for asked, count in (("all", 2), ("two", 1), ("none", 0)):
        html = browser.get(f"/console/queues/fulfilment?try={asked}").text
        assert f"{count} would be sent back" in html
    assert system.redriven == []


def test_a_dry_run_of_all_counts_those_too_that_are_not_listed(system: MemorySystem, browser: Browser) -> None:
    system.letters["fulfilment"] = [letter(f"l{number}") for number in range(MAX_AT_ONCE + 7)]
    html = browser.get("/console/queues/fulfilment?try=all").text
    assert f"{MAX_AT_ONCE + 7} would be sent back" in html
    assert f"The first {MAX_AT_ONCE} are listed" in html
    assert html.count('<li class="id">') == MAX_AT_ONCE


@pytest.mark.parametrize(("fields", "sent", "left"), [({}, 2, []), ({"id": "two"}, 1, ["one"]), ({"id": ""}, 2, [])])
def test_dead_letters_are_sent_back_one_or_all(
    system: MemorySystem, browser: Browser, fields: dict[str, str], sent: int, left: list[str]
) -> None:
    system.letters["fulfilment"] = [letter("one"), letter("two")]
    answer = browser.post("/console/queues/fulfilment/redrive", fields)
    assert (answer.status, answer.headers["location"]) == (303, f"/console/queues/fulfilment?sent={sent}")
    assert [each.id for each in system.letters["fulfilment"]] == left
    assert f"{sent} sent back to fulfilment" in browser.get(answer.headers["location"]).text


def test_a_made_up_number_of_those_sent_back_is_not_shown(browser: Browser) -> None:
    assert "sent back to" not in browser.get("/console/queues/fulfilment?sent=call+0900").text


def test_dead_letters_of_a_queue_that_is_not_there_cannot_be_sent_back(browser: Browser) -> None:
    answer = browser.post("/console/queues/none/redrive")
    assert answer.status == 404
    assert "there are fulfilment, ops" in answer.text


def test_more_dead_letters_than_are_shown_are_told_of(system: MemorySystem, browser: Browser) -> None:
    system.letters["fulfilment"] = [letter(f"l{number}") for number in range(MAX_AT_ONCE + 7)]
    html = browser.get("/console/queues/fulfilment").text
    assert f"The first {MAX_AT_ONCE} of {MAX_AT_ONCE + 7} are shown" in html
    assert html.count('id="send-l') == MAX_AT_ONCE


def test_a_step_is_broken_and_mended(system: MemorySystem, browser: Browser) -> None:
    answer = browser.post("/console/faults/arm", {"task": "reserve", "fault": "lose-answer", "orders": "7"})
    assert answer.headers["location"] == "/console/faults"
    assert system.broken["reserve"] == Armed(task="reserve", fault=Fault.LOSE_ANSWER, orders_left=7)
    assert "7 orders left" in browser.get("/console/faults").text
    browser.post("/console/faults/disarm", {"task": "reserve"})
    assert set(system.broken) == {"pay"}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"task": HOSTILE}, "there are reserve, pay"),
        ({"fault": "explode"}, "choose one of fail, stall, lose-answer"),
        ({"orders": "0"}, "allowed are 1 to 1000"),
        ({"orders": "1001"}, "allowed are 1 to 1000"),
        ({"orders": "²"}, "allowed are 1 to 1000"),
        ({"orders": "9" * 5000}, "bytes at most"),
        ({"orders": ""}, "allowed are 1 to 1000"),
    ],
)
def test_a_wrong_field_is_refused_with_what_is_allowed(
    system: MemorySystem, browser: Browser, changed: dict[str, str], says: str
) -> None:
    system.broken.clear()
    answer = browser.post("/console/faults/arm", {"task": "pay", "fault": "fail", "orders": "1", **changed})
    assert 400 <= answer.status < 500
    assert says in answer.text
    assert system.broken == {}


def test_a_refused_form_keeps_what_was_typed(browser: Browser) -> None:
    html = browser.post("/console/faults/arm", {"task": "pay", "fault": "stall", "orders": "5000"}).text
    assert "<option selected>pay</option>" in html
    assert 'value="stall" checked' in html
    assert 'value="5000"' in html


def test_a_task_that_is_not_armed_cannot_be_disarmed(browser: Browser) -> None:
    answer = browser.post("/console/faults/disarm", {"task": "fly"})
    assert answer.status == 422
    assert "there are reserve, pay" in answer.text


def test_a_system_without_the_switch_shows_no_way_to_it(system: MemorySystem) -> None:
    browser = Browser(system.site(with_faults=False))
    assert "/console/faults" not in browser.get("/console").text
    for answer in (
        browser.get("/console/faults"),
        browser.post("/console/faults/arm"),
        browser.post("/console/faults/disarm"),
    ):
        assert answer.status in (404, 422)
        assert "form" not in {tag.name for tag in Page(answer.text).tags}


@pytest.mark.parametrize("path", ["/queues/fulfilment/redrive", "/faults/arm", "/faults/disarm"])
def test_what_could_not_be_kept_is_answered_with_why_not(
    browser: Browser, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UnwritableError("the change was not kept: the disk is full")

    for owner, name in ((MemoryLetters, "redrive"), (MemorySystem, "arm"), (MemorySystem, "disarm")):
        monkeypatch.setattr(owner, name, refuse)
    answer = browser.post(f"/console{path}", {"task": "pay", "fault": "fail", "orders": "1"})
    assert answer.status == 503
    assert "not kept: the disk is full" in answer.text


@pytest.mark.parametrize("path", ["/queues/fulfilment/redrive", "/faults/arm", "/faults/disarm"])
def test_who_hangs_up_within_a_form_changes_nothing_and_is_no_failure(
    system: MemorySystem, browser: Browser, path: str
) -> None:
    assert browser.hang_up(f"/console{path}").text == ""
    assert (system.redriven, set(system.broken)) == ([], {"pay"})
