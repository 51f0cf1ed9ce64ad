"""A rule that a cloud has for one input, with its source."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from tests.sdk import Problem


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Bounds of a number or of a text's length; a pattern of the whole text; or the values that there are."""

    source: str
    lowest: float | None = None
    highest: float | None = None
    pattern: str | None = None
    allowed: Collection[object] | None = None

    def misfits(self, value: object, path: str) -> Iterator[Problem]:
        size = len(value) if isinstance(value, str) else value
        if self.allowed is not None and value not in self.allowed:
            yield Problem(path=path, what=f"is not one of {', '.join(map(str, self.allowed))} ({self.source})")
        if isinstance(size, int | float) and not self._has_room(size):
            yield Problem(path=path, what=f"is {size:g}; allowed is {self.lowest} to {self.highest} ({self.source})")
        if self.pattern is not None and isinstance(value, str) and not re.fullmatch(self.pattern, value):
            yield Problem(path=path, what=f"does not match {self.pattern} ({self.source})")

    def _has_room(self, size: float) -> bool:
        return (self.lowest is None or size >= self.lowest) and (self.highest is None or size <= self.highest)


def misfits_of(limits: Mapping[str, Limit], inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """`limits` has a path without list indexes for key."""
    for path, value in leaves(inputs, ""):
        limit = limits.get(re.sub(r"\[\d+\]", "", path))
        if limit is not None and value != UNKNOWN:
            yield from limit.misfits(value, path)


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 JSON
    """Every plain value with its path."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, f"{path}[{index}]")
    else:
        yield path, value
