"""What comes twice, late, out of order or not at all changes nothing; shown on the running system, over HTTP."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from operations.local import open_operations
from operations.local.outside import OutsideFile
from operations.ports import Operations
from tests.conformance.local_runtime.order_system import OrderSystem, operate
from tests.conformance.local_runtime.running import Shop, eventually, http
from tests.e2e.api import Api, order

THREADS = 16
ROUNDS = 5
BOUGHT: tuple[dict[str, object], ...] = (
    {},
    {"payment_method": "sandbox-decline"},
    {"items": [{"sku": "TEAPOT-BLUE", "quantity": 3, "unit_price_minor": 100}]},
    {"items": [{"sku": "SANDBOX-UNSHIPPABLE", "quantity": 1, "unit_price_minor": 100}]},
    {"currency": "XXX"},
)
"""Orders that end in different ways."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderSystem]:
    declared = OrderSystem.declare(Path(tmp_path_factory.mktemp("system")))
    try:
        yield declared
    finally:
        declared.end()


@pytest.fixture(scope="module")
def api(system: OrderSystem) -> Api:
    return system.api(system.start())


def seen_by(shop: Shop) -> Operations:
    return open_operations(shop.home, OutsideFile(shop.home.database))


def receives(shop: Shop) -> list[int]:
    return [int(words[1]) for words in shop.noted("fulfil")]


@pytest.fixture
def poisoned(shop: Shop) -> Shop:
    """Three receives are what its queue allows."""
    status, _, _ = http("POST", f"{shop.start()}/orders", b"poison")
    assert status == 202
    eventually(lambda: len(seen_by(shop).dead_letters.of("work", 10)) == 1, "the message is dead")
    return shop


def test_a_poison_message_dies_after_exactly_its_receives_with_its_reason(poisoned: Shop) -> None:
    (letter,) = seen_by(poisoned).dead_letters.of("work", 10)
    assert receives(poisoned) == [1, 2, 3]
    assert (letter.id, letter.body, letter.receive_count) == ("poison", b"poison", 3)
    assert letter.reason == "ValueError: cannot be read"
    code, printed = operate(poisoned.home, "dead-letters", "--json")
    assert (code, json.loads(printed)[0]["reason"]) == (0, "ValueError: cannot be read")


def test_what_an_operator_sends_back_comes_once_and_as_if_it_were_new(poisoned: Shop) -> None:
    poisoned.let("mended")
    redrive = ("redrive", "--queue", "work")
    assert operate(poisoned.home, *redrive, "--dry-run")[1].endswith("1 would be sent back to work\n")
    assert receives(poisoned) == [1, 2, 3]
    assert operate(poisoned.home, *redrive) == (0, "1 sent back to work\n")
    eventually(lambda: len(receives(poisoned)) == 4, "another process's redrive is noticed", seconds=5)
    assert operate(poisoned.home, *redrive) == (0, "nothing is dead in work\n")
    eventually(lambda: _status(poisoned, "poison") == "succeeded", "its saga ends")
    assert receives(poisoned) == [1, 2, 3, 1]
    assert seen_by(poisoned).queues.states()[0].depth == 0


def test_what_is_sent_back_unmended_dies_again_after_as_many_receives(poisoned: Shop) -> None:
    assert operate(poisoned.home, "redrive", "--queue", "work", "--id", "poison")[0] == 0
    eventually(lambda: len(seen_by(poisoned).dead_letters.of("work", 10)) == 1, "it is dead again")
    assert receives(poisoned) == [1, 2, 3, 1, 2, 3]


def test_what_is_sent_back_while_the_run_time_is_stopped_is_received_at_its_start(poisoned: Shop) -> None:
    poisoned.stop()
    poisoned.let("mended")
    assert operate(poisoned.home, "redrive", "--queue", "work") == (0, "1 sent back to work\n")
    poisoned.start()
    eventually(lambda: receives(poisoned) == [1, 2, 3, 1], "it is received")


def _status(shop: Shop, run_id: str) -> str | None:
    run = seen_by(shop).saga_runs.find(run_id)
    return run.status if run else None


@pytest.fixture(scope="module")
def ended(system: OrderSystem, api: Api) -> dict[str, object]:
    """What all consumers made of a few orders, once everything about them has been consumed."""
    for bought in BOUGHT:
        api.ended(api.place(**bought))
    system.await_calm()
    effects = system.effects()
    assert all(effects[name] for name in effects if name != "dead")
    assert effects["dead"] == []
    return effects


AGAIN = "INSERT INTO change_feed (body) SELECT body FROM (SELECT body, position FROM change_feed WHERE position <= {0}"
TWICE_BACKWARDS = " UNION ALL SELECT body, position FROM change_feed WHERE position <= {0}) ORDER BY position DESC"


TOLD_OF_EVENTS = "DELETE FROM inbox WHERE message_key GLOB 'ord_*:[0-9]*'"
"""The other messages are the saga's."""


def deliver_twice_backwards(system: OrderSystem, last: int) -> None:
    system.change((AGAIN + TWICE_BACKWARDS).format(last))


def last_position(system: OrderSystem) -> int:
    return int(system.rows("SELECT max(position) FROM change_feed")[0][0])


def test_events_that_come_again_and_in_another_order_change_nothing(
    system: OrderSystem, ended: dict[str, object]
) -> None:
    last, sent = last_position(system), system.sent()
    deliver_twice_backwards(system, last)
    eventually(lambda: system.sent() >= 3 * sent, "every queue has had all of them twice more", seconds=30)
    system.await_calm()
    assert system.sent() == 3 * sent
    changed = [name for name, effect in system.effects().items() if effect != ended[name]]
    assert changed == []


def test_events_that_come_backwards_and_twice_at_first_have_the_same_effects(
    system: OrderSystem, ended: dict[str, object]
) -> None:
    """The consumers forget all that they have seen, and learn of it in the other order."""
    system.stop()
    last = int(system.rows("SELECT count(*) FROM events")[0][0])
    system.change("DELETE FROM demand", "DELETE FROM demand_events", TOLD_OF_EVENTS)
    for path in system.home.buckets.rglob("*.json"):
        path.unlink()
    deliver_twice_backwards(system, last)
    system.start()
    system.await_calm()
    changed = [name for name, effect in system.effects().items() if effect != ended[name]]
    assert changed == []


@pytest.fixture
def running(system: OrderSystem, api: Api) -> Api:
    """Wherever the run time answers now: `api` started the first one, and tests start others."""
    url: str = json.loads(system.home.run_time.read_text())["url"]
    return system.api(url)


def answer_of(api: Api, key: str, **changes: object) -> tuple[int, Any, str | None]:
    """Status, body and where the order is."""
    answer = api.ask("POST", "/orders", json=order(**changes), key=key)
    return answer.status, answer.json(), answer.headers.get("Location")


def test_the_same_key_has_the_same_answer_also_after_a_kill(system: OrderSystem, running: Api) -> None:
    key = str(uuid.uuid4())
    placed = answer_of(running, key)
    assert answer_of(running, key) == placed
    system.kill()
    again = system.api(system.start())
    assert again.ended(placed[1]["order_id"])["status"] == "FULFILLED"
    assert answer_of(again, key) == placed
    status, problem, _ = answer_of(again, key, payment_method="sandbox-decline")
    assert (status, problem["type"]) == (409, "urn:orderly:problem:idempotency-key-reused")
    assert system.rows("SELECT count(*) FROM idempotency_keys WHERE idempotency_key = ?", key) == [(1,)]


def at_once(api: Api, key: str, *methods: str) -> list[tuple[int, Any, str | None]]:
    together = threading.Barrier(THREADS)

    def place(number: int) -> tuple[int, Any, str | None]:
        together.wait()
        return answer_of(api, key, payment_method=methods[number % len(methods)])

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(place, range(THREADS)))


def count_of_orders(system: OrderSystem) -> int:
    return int(system.rows("SELECT count(*) FROM orders")[0][0])


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_many_requests_at_once_with_one_key_one_makes_an_order(
    system: OrderSystem, running: Api, number: int
) -> None:
    before = count_of_orders(system)
    answers = at_once(running, f"race-{number}", "sandbox-approve")
    assert {status for status, _, _ in answers} == {202}
    assert len({body["order_id"] for _, body, _ in answers}) == 1
    assert count_of_orders(system) == before + 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_two_bodies_at_once_with_one_key_one_is_refused(system: OrderSystem, running: Api, number: int) -> None:
    before = count_of_orders(system)
    answers = at_once(running, f"two-bodies-{number}", "sandbox-approve", "sandbox-decline")
    assert {answers[0][0], answers[1][0]} == {202, 409}
    assert {status for status, _, _ in answers[::2]} == {answers[0][0]}
    assert {status for status, _, _ in answers[1::2]} == {answers[1][0]}
    assert count_of_orders(system) == before + 1
