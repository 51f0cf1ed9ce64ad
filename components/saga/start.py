"""What a run is started with, if every target is to take it: an id and its data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from components.saga.definition import MAX_DATA_BYTES, SagaError

MAX_RUN_ID = 36
"""Characters, a UUID's; they leave room for the ids that Durable Functions makes of them."""
RUN_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_RUN_ID}}}")
"""No `:`, which separates the parts of a key, nor what names of executions and instances cannot have."""
HIGHEST_INTEGER = 2**53 - 1
"""The largest that every reader of JSON keeps as it is."""


def checked_run_id(run_id: str) -> str:
    """The id itself; raises SagaError for one that not every target takes."""
    if not RUN_ID.fullmatch(run_id):
        raise SagaError(f"the id of a run is {run_id!r:.100}; allowed are 1 to {MAX_RUN_ID} of A-Z, a-z, 0-9, _ and -")
    return run_id


def data_to_json(data: Mapping[str, object]) -> str:
    """Raises SagaError for what is no JSON, changes on its way, or is more than every target takes."""
    try:
        text = json.dumps(dict(data), ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
        is_kept = json.loads(text) == data
        large = next((number for number in _integers(data) if abs(number) > HIGHEST_INTEGER), None)
    except (TypeError, ValueError, RecursionError) as error:
        raise SagaError(f"the data of a run is not JSON: {error}") from None
    if size > MAX_DATA_BYTES:
        raise SagaError(
            f"the data of a run is {size} bytes of JSON; allowed are {MAX_DATA_BYTES}: say where to find it"
        )
    if not is_kept:
        raise SagaError("the data of a run is another after JSON: give its names as text and its sequences as lists")
    if large is not None:
        raise SagaError(
            f"the data of a run has the number {large}; beyond {HIGHEST_INTEGER} some target rounds: use text"
        )
    return text


def _integers(value: object) -> Iterator[int]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _integers(item)
    elif isinstance(value, int):
        yield value
