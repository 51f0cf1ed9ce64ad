"""What a run is started with: taken by every target, or refused before any has seen it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from components.saga.definition import MAX_DATA_BYTES, SagaError
from components.saga.start import HIGHEST_INTEGER, checked_run_id, data_to_json
from functions.domain.ids import order_id


def test_the_ids_of_orders_are_ids_of_runs() -> None:
    run_id = order_id(datetime.now(UTC))
    assert checked_run_id(run_id) == run_id


@pytest.mark.parametrize("run_id", ["", "run:1", "a/b", "a b", "é", "x" * 37, "run\n"])
def test_an_id_that_some_target_does_not_take_is_refused(run_id: str) -> None:
    with pytest.raises(SagaError, match="allowed are 1 to 36 of A-Z, a-z, 0-9, _ and -"):
        checked_run_id(run_id)


def test_as_much_data_as_every_target_takes_is_taken_and_no_more() -> None:
    padding = "ü" * ((MAX_DATA_BYTES - len('{"note": ""}')) // 2)
    assert json.loads(data_to_json({"note": padding})) == {"note": padding}
    with pytest.raises(SagaError, match=f"is {MAX_DATA_BYTES + 2} bytes of JSON; allowed are {MAX_DATA_BYTES}"):
        data_to_json({"note": padding + "ü"})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"note": float("nan")}, "is not JSON"),
        ({"note": {1, 2}}, "is not JSON"),
        ({"note": b"bytes"}, "is not JSON"),
        ({"note": "\ud800"}, "is not JSON"),
        ({"note": {1: "one"}}, "give its names as text"),
        ({"note": (1, 2)}, "its sequences as lists"),
        ({"note": [{"count": HIGHEST_INTEGER + 1}]}, f"beyond {HIGHEST_INTEGER} some target rounds"),
    ],
)
def test_data_that_would_not_arrive_as_it_is_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(SagaError, match=message):
        data_to_json(data)


def test_data_that_is_nested_too_deeply_is_refused() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(SagaError, match="is not JSON"):
        data_to_json({"note": deep})
