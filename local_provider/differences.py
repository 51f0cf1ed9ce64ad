"""What an `up` would change of a resource, property by property, and whether it can change in place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from pulumi.provider.experimental.provider import PropertyDiff, PropertyDiffKind

from local_provider.properties import Plain

PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")
ABSENT = object()
KINDS = {  # (was absent, is absent, replaces)
    (True, False, False): PropertyDiffKind.ADD,
    (True, False, True): PropertyDiffKind.ADD_REPLACE,
    (False, True, False): PropertyDiffKind.DELETE,
    (False, True, True): PropertyDiffKind.DELETE_REPLACE,
    (False, False, False): PropertyDiffKind.UPDATE,
    (False, False, True): PropertyDiffKind.UPDATE_REPLACE,
}


def detailed(old: Plain, new: Plain, *, replaces: Collection[str]) -> dict[str, PropertyDiff]:
    """By property path; only what is an input can differ, so outputs of `old` are left out."""
    return {
        path: PropertyDiff(KINDS[was is ABSENT, is_now is ABSENT, name in replaces], input_diff=False)
        for name, value in new.items()
        for path, was, is_now in _changes(name, old.get(name, ABSENT), value)
    }


def _changes(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 -- any JSON value
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from _changes(f"{path}{_step(name)}", old.get(name, ABSENT), new.get(name, ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _changes(f"{path}[{index}]", _at(old, index), _at(new, index))
    elif old != new:
        yield path, old, new


def _at(values: list[Any], index: int) -> Any:  # noqa: ANN401 -- any JSON value
    return values[index] if index < len(values) else ABSENT


def _step(name: str) -> str:
    return f".{name}" if PLAIN_NAME.fullmatch(name) else f'["{name}"]'
