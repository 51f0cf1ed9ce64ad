"""The real process, killed with SIGKILL at the worst moments: nothing is lost, and nothing completed is done again."""

from __future__ import annotations

import json

import pytest

from local_runtime.store import Store
from operations.local import open_operations
from operations.local.outside import OutsideFile
from tests.conformance.local_runtime.running import Shop, eventually, http


def order(url: str, name: str) -> None:
    status, _, _ = http("POST", f"{url}/orders", name.encode())
    assert status == 202


def tasks(shop: Shop, run_id: str) -> list[str]:
    return [words[1] for words in shop.noted("step") if words[0] == run_id]


def status(shop: Shop, run_id: str) -> str | None:
    store = Store(shop.home.database)
    row = store.read(
        lambda connection: connection.execute("SELECT status FROM saga_runs WHERE run_id = ?", (run_id,)).fetchone()
    )
    store.close()
    return row[0] if row else None


def test_an_order_flows_from_the_api_through_feed_bus_queue_and_saga(shop: Shop) -> None:
    url = shop.start()
    order(url, "ord-1")
    eventually(lambda: status(shop, "ord-1") == "succeeded", "the saga ends")
    done = tasks(shop, "ord-1")
    assert (done[:2], sorted(done[2:4]), done[4:]) == (["first", "second"], ["left", "right"], ["last"])


@pytest.mark.parametrize(("cut", "done_before"), [("second", ["first"]), ("left", ["first", "second"]), ("last", None)])
def test_a_killed_saga_goes_on_with_the_step_that_was_cut_off(
    shop: Shop, cut: str, done_before: list[str] | None
) -> None:
    run_id = f"cut-{cut}"
    order(shop.start(), run_id)
    eventually(lambda: cut in tasks(shop, run_id), "the step is under way")
    if cut == "left":
        eventually(lambda: "right" in tasks(shop, run_id), "so is the other branch")
    shop.kill()
    shop.let("steps-may-go-on")
    shop.start()
    eventually(lambda: status(shop, run_id) == "succeeded", "the saga ends")
    attempts = [words[2] for words in shop.noted("step") if words[:2] == [run_id, cut]]
    assert attempts == ["1", "1"]
    for task in done_before or ["first", "second", "left", "right"]:
        assert tasks(shop, run_id).count(task) == 1


def test_a_message_whose_consumer_was_killed_comes_back_at_once_and_counts(shop: Shop) -> None:
    order(shop.start(), "slow-to-start")
    eventually(lambda: shop.noted("fulfil") == [["slow-to-start", "1"]], "the consumer has the message")
    shop.kill()
    shop.let("fulfil-may-go-on")
    shop.start()
    eventually(lambda: status(shop, "slow-to-start") == "succeeded", "the saga ends")
    assert shop.noted("fulfil") == [["slow-to-start", "1"], ["slow-to-start", "2"]]


def test_a_message_that_fails_every_time_dies_with_its_reason_and_raises_the_alarm(shop: Shop) -> None:
    url = shop.start()
    order(url, "poison")

    def alarms() -> dict[str, float]:
        found: dict[str, float] = json.loads(http("GET", f"{url}/-/health")[2])["alarms"]
        return found

    eventually(lambda: alarms() == {"dead": 1}, "the alarm is raised")
    assert [words[1] for words in shop.noted("fulfil")] == ["1", "2", "3"]
    operations = open_operations(shop.home, OutsideFile(shop.home.database))
    assert [letter.reason for letter in operations.dead_letters.of("work", 10)] == ["ValueError: cannot be read"]


def test_a_write_that_was_answered_survives_a_kill_right_after(shop: Shop) -> None:
    url = shop.start()
    for number in range(20):
        order(url, f"ord-{number}")
    shop.kill()
    shop.start()
    eventually(lambda: all(status(shop, f"ord-{n}") == "succeeded" for n in range(20)), "every order is fulfilled")
