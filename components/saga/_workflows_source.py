"""What Workflows takes as a source: how it is written, and how much of anything it may have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from components.saga.definition import SagaError

MAX_SOURCE_BYTES = 128 * 1024
MAX_STRING_BYTES = 256 * 1024
MAX_EXPRESSION = 400
MAX_ITEMS: Mapping[str, tuple[int, str]] = {
    "assign": (50, "assignments in a step"),
    "switch": (50, "conditions in a switch"),
    "branches": (10, "branches in a parallel step"),
    "params": (10, "parameters of a subworkflow"),
}
MAX_PARALLEL_DEPTH = 2
WIDTH = 120


def written(value: object, margin: int = 0, taken: int = 0) -> str:
    """JSON to be read: what fits on a line is on one, and so are numbers.

    `taken`: how much of the line is the key before the value.
    """
    line = json.dumps(value, ensure_ascii=False)
    if margin + taken + len(line) < WIDTH or not _is_broken_up(value):
        return line
    inner = margin + 2
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {written(item, inner, len(key) + 4)}" for key, item in value.items()]
    else:
        items = [written(item, inner) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = ",\n".join(" " * inner + item for item in items)
    return f"{opening}\n{lines}\n{' ' * margin}{closing}"


def _is_broken_up(value: object) -> TypeGuard[dict[str, Any] | list[Any]]:
    return isinstance(value, dict) or (isinstance(value, list) and not all(isinstance(item, int) for item in value))


def refuse_over_limits(saga: str, document: Mapping[str, Any], source: str) -> None:
    """Workflows would refuse it too, but only while it is being deployed, or in the middle of a run."""
    _refuse_more(f"saga {saga}", len(source.encode()), MAX_SOURCE_BYTES, "bytes of source")
    for name, workflow in document.items():
        for step, key, value, depth in _entries(workflow, name, 0):
            where = f"saga {saga}: {step}"
            if key in MAX_ITEMS and isinstance(value, list):
                _refuse_more(where, len(value), *MAX_ITEMS[key])
            if isinstance(value, str):
                _refuse_more(where, len(value.encode()), MAX_STRING_BYTES, "bytes in a string")
                if value.startswith("${"):
                    _refuse_more(where, len(value), MAX_EXPRESSION, "characters in an expression")
            _refuse_more(where, depth, MAX_PARALLEL_DEPTH, "parallel steps in each other")


def _refuse_more(where: str, found: int, allowed: int, what: str) -> None:
    if found > allowed:
        raise SagaError(f"{where} has {found} {what}; Workflows allows {allowed}: split the saga")


def _entries(value: object, step: str, depth: int, key: str = "") -> Iterator[tuple[str, str, object, int]]:
    """Everything in a workflow: the step that it is in, its key, itself, and how many parallel steps it is in."""
    yield step, key, value, depth
    if isinstance(value, list):
        for item in value:
            yield from _entries(item, step, depth, "")
    elif isinstance(value, dict):
        for name, item in value.items():
            inside = name if isinstance(item, dict) and key == "" else step
            yield from _entries(item, inside, depth + (name == "parallel"), name)
