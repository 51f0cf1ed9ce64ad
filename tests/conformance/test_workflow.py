"""What every target's workflow starter promises."""

from __future__ import annotations

from tests.conformance.worlds import World


def test_an_order_has_one_run_however_often_it_is_started(world: World) -> None:
    data = {"order_id": "order", "tenant": "acme"}
    assert [world.workflow.start("order", data) for _ in range(2)] == [True, False]
    assert world.runs() == {"order": data}
