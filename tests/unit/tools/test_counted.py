"""Counts of an order: the mean of what was counted, held against what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import counted
from tests.e2e.counted import Recorded, apart, per_order


def test_the_first_order_is_not_counted_and_of_the_others_the_mean_is() -> None:
    placed = list[str]()

    def so_far() -> Iterator[dict[str, float]]:
        assert placed == ["an order"], "what the first one needs is no order's"
        yield {"calls": 100.0}
        assert len(placed) == 1 + 3
        yield {"calls": 107.0, "units": 1.0}

    told = so_far()
    counts = per_order(lambda: placed.append("an order"), lambda: next(told), orders=3)
    assert counts == {"calls": 2.33, "units": 0.33}


def test_a_run_that_is_recorded_anew_leaves_the_others_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "RESULTS", tmp_path)
    recorded = Recorded("somewhere", {"calls": "one by one"})
    recorded.write("first", {"calls": 1.0})
    recorded.write("second", {"calls": 2.0})
    recorded.write("second", {"calls": 3.0})
    assert (recorded.of("first"), recorded.of("second")) == ({"calls": 1.0}, {"calls": 3.0})


def test_what_chance_cannot_be_the_reason_of_is_told_on_both_sides() -> None:
    recorded = {"more": 10.0, "fewer": 10.0, "alike": 10.0, "none": 10.0}
    counts = {"more": 16.0, "fewer": 6.0, "alike": 15.0}
    assert apart(counts, recorded, recorded) == {"more": (16.0, 10.0), "fewer": (6.0, 10.0), "none": (0, 10.0)}
