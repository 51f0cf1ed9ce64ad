"""Filters of subscriptions: the part of Service Bus's SQL that the system writes. Whatever else there is raises."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

Properties: TypeAlias = Mapping[str, str]
Passes: TypeAlias = Callable[[Properties], bool]

ALWAYS = "1=1"
_IN = re.compile(r"(?P<name>[A-Za-z_]\w*) IN \((?P<values>'(?:[^']|'')*'(?:, '(?:[^']|'')*')*)\)")
_TEXT = re.compile(r"'((?:[^']|'')*)'")


def passes(expression: str) -> Passes:
    """NotImplementedError for what the tests cannot decide. A property that is not there equals nothing."""
    if expression == ALWAYS:
        return lambda _: True
    parts = [_in(part) for part in expression.split(" AND ")]
    return lambda properties: all(part(properties) for part in parts)


def _in(part: str) -> Passes:
    found = _IN.fullmatch(part)
    if found is None:
        raise NotImplementedError(f"a filter that the tests cannot decide: {part}")
    name, values = found["name"], {text.replace("''", "'") for text in _TEXT.findall(found["values"])}
    return lambda properties: properties.get(name) in values
