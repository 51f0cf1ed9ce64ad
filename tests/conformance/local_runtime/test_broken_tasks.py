"""Tasks that were broken on purpose, in the real process: each order ends as the saga says, also across a kill."""

from __future__ import annotations

from contextlib import closing

import pytest

from local_runtime.faults import Armed, Fault, Faults
from local_runtime.store import Store
from tests.conformance.local_runtime.running import SAGA, Shop, eventually, http


def arm(shop: Shop, task: str, fault: Fault, orders: int) -> None:
    """While the run time is down."""
    with closing(Store(shop.home.database)) as store:
        Faults(store, sorted(SAGA.tasks())).arm(task, fault, orders)


def armed(shop: Shop) -> list[Armed]:
    with closing(Store(shop.home.database)) as store:
        return list(Faults(store, sorted(SAGA.tasks())).armed())


def order(url: str, name: str) -> None:
    assert http("POST", f"{url}/orders", name.encode())[0] == 202


def status(shop: Shop, run_id: str) -> str:
    with closing(Store(shop.home.database)) as store:
        query = "SELECT status FROM saga_runs WHERE run_id = ?"
        row = store.read(lambda connection: connection.execute(query, (run_id,)).fetchone())
    return row[0] if row else "unknown"


def performed(shop: Shop, run_id: str, task: str) -> list[str]:
    """The attempts that the task was performed at."""
    return [words[2] for words in shop.noted("step") if words[:2] == [run_id, task]]


def killed_and_started_again(shop: Shop) -> str:
    shop.kill()
    shop.home.run_time.unlink()  # the dead one's address
    return shop.start()


@pytest.fixture
def brief(shop: Shop) -> Shop:
    """Its tasks have a second, and it does not wait between attempts."""
    function = next(each for each in shop.declarations()["Function"] if each["name"] == "step")
    shop.write("Function", {**function, "timeout_seconds": 1})
    workflow = shop.declarations()["Workflow"][0]
    shop.write("Workflow", {**workflow, "delay_scale": 0.01})
    return shop


@pytest.mark.parametrize(
    ("fault", "ends_as", "attempts"),
    [(Fault.FAIL, "failed", []), (Fault.STALL, "failed", []), (Fault.LOSE_ANSWER, "succeeded", ["1", "2"])],
)
def test_the_next_order_meets_the_fault_and_the_one_after_it_none(
    brief: Shop, fault: Fault, ends_as: str, attempts: list[str]
) -> None:
    arm(brief, "second", fault, 1)
    url = brief.start()
    order(url, "ord-1")
    eventually(lambda: status(brief, "ord-1") == ends_as, f"the first order ends as {ends_as}")
    order(url, "ord-2")
    eventually(lambda: status(brief, "ord-2") == "succeeded", "the second order is fulfilled")
    assert performed(brief, "ord-1", "second") == attempts
    assert performed(brief, "ord-2", "second") == ["1"]


def test_a_kill_neither_heals_a_run_nor_breaks_another_one(brief: Shop) -> None:
    arm(brief, "second", Fault.STALL, 1)
    url = brief.start()
    order(url, "ord-1")
    eventually(lambda: armed(brief) == [], "the order has met the fault")
    url = killed_and_started_again(brief)
    order(url, "ord-2")
    eventually(lambda: status(brief, "ord-2") == "succeeded", "the second order is fulfilled")
    eventually(lambda: status(brief, "ord-1") == "failed", "the first order ends as failed")
    assert performed(brief, "ord-1", "second") == []


def test_what_is_armed_survives_a_kill(brief: Shop) -> None:
    arm(brief, "second", Fault.FAIL, 2)
    brief.start()
    url = killed_and_started_again(brief)
    names = ("ord-1", "ord-2", "ord-3")
    for name in names:
        order(url, name)
    ends = ["failed", "failed", "succeeded"]
    eventually(lambda: sorted(status(brief, name) for name in names) == ends, "two orders meet it, and one does not")
    assert armed(brief) == []
