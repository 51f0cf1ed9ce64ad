"""What every target's workflow starter promises."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from functions.domain.errors import RetryableError
from functions.domain.events import Json
from tests.conformance.worlds import Target, World

DATA: Mapping[str, Json] = {"order_id": "order", "tenant": "acme"}


def test_an_order_has_one_run_however_often_it_is_started(world: World) -> None:
    assert [world.workflow.start("order", DATA) for _ in range(2)] == [True, False]
    assert world.runs() == [("order", DATA)]


def test_an_order_has_one_run_however_many_start_it_at_once(target: Target) -> None:
    """Some may have to come again to learn that it was started."""
    together = threading.Barrier(8)

    def start(_: int) -> None:
        together.wait()
        try:
            target.workflow.start("order", DATA)
        except RetryableError:
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(8)))
    assert target.runs() == [("order", DATA)]
    assert target.workflow.start("order", DATA) is False


def test_every_order_has_a_run_of_its_own(world: World) -> None:
    assert [world.workflow.start(each, {"order_id": each, "tenant": "acme"}) for each in ("one", "two")] == [True, True]
    assert sorted(run_id for run_id, _ in world.runs()) == ["one", "two"]
