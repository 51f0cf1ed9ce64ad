"""What every target's demand read model promises."""

from __future__ import annotations

from tests.conformance.worlds import World


def test_units_add_up_once_for_each_event(world: World) -> None:
    world.demand.record("one:1", {"TEAPOT": 2, "CUP": 6})
    world.demand.record("two:1", {"TEAPOT": 1})
    world.demand.record("one:1", {"TEAPOT": 2, "CUP": 6})
    assert world.ordered() == {"TEAPOT": 3, "CUP": 6}
