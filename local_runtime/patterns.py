"""Which attributes a rule or a subscription wants: the part of EventBridge's and SNS's patterns that both understand.

A pattern maps an attribute to a list of conditions: every key has to match, and any condition of its list suffices. A
condition is an exact string or number, or an object with one operator: `prefix`, `anything-but`, `exists`, `numeric`.
A missing attribute matches nothing but `{"exists": false}`. Other operators are refused when declarations load.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeGuard

Attributes: TypeAlias = Mapping[str, str | int]
Value: TypeAlias = str | int | None
Condition: TypeAlias = Callable[[Value], bool]
Matcher: TypeAlias = Callable[[Attributes], bool]


class PatternError(ValueError):
    """The pattern says something that is not understood."""


def compile_pattern(pattern: Mapping[str, list[Any]]) -> Matcher:
    """A function that tells whether attributes match; an empty pattern matches all. Raises PatternError."""
    wanted = {key: _conditions(key, conditions) for key, conditions in pattern.items()}

    def matches(attributes: Attributes) -> bool:
        return all(any(met(attributes.get(key)) for met in conditions) for key, conditions in wanted.items())

    return matches


def _conditions(key: str, conditions: list[Any]) -> list[Condition]:
    if not isinstance(conditions, list) or not conditions:
        raise PatternError(f"{key} is {conditions!r}; it has to be a list of at least one condition")
    return [_condition(key, condition) for condition in conditions]


def _condition(key: str, condition: object) -> Condition:
    if _is_value(condition):
        return lambda value: value == condition
    if not isinstance(condition, Mapping) or len(condition) != 1:
        raise PatternError(f"{key} has {condition!r}; a condition is a string, a number or an object with one operator")
    ((name, operand),) = condition.items()
    if name not in _OPERATORS:
        raise PatternError(f"{key} has the operator {name}; use one of {', '.join(sorted(_OPERATORS))}")
    return _OPERATORS[name](key, operand)


def _prefix(key: str, operand: object) -> Condition:
    if not isinstance(operand, str) or not operand:
        raise PatternError(f"{key} has the prefix {operand!r}; it has to be a text that is not empty")
    return lambda value: isinstance(value, str) and value.startswith(operand)


def _anything_but(key: str, operand: object) -> Condition:
    refused = operand if isinstance(operand, list) else [operand]
    if not refused or not all(_is_value(each) for each in refused):
        raise PatternError(f"{key} has anything-but {operand!r}; it has to be a string, a number or a list of them")
    return lambda value: value is not None and value not in refused


def _exists(key: str, operand: object) -> Condition:
    if not isinstance(operand, bool):
        raise PatternError(f"{key} has exists {operand!r}; it has to be true or false")
    return lambda value: (value is not None) is operand


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _numeric(key: str, operand: object) -> Condition:
    """`[">", 0]`, or a range such as `[">", 0, "<=", 5]`."""
    parts = operand if isinstance(operand, list) else []
    pairs = list(zip(parts[::2], parts[1::2], strict=False))
    if len(parts) not in (2, 4) or not all(name in _COMPARISONS and _is_number(bound) for name, bound in pairs):
        raise PatternError(f'{key} has numeric {operand!r}; write it as [">", 0] or [">", 0, "<=", 5]')
    return lambda value: _is_number(value) and all(_COMPARISONS[name](value, bound) for name, bound in pairs)


_OPERATORS: dict[str, Callable[[str, object], Condition]] = {
    "prefix": _prefix,
    "anything-but": _anything_but,
    "exists": _exists,
    "numeric": _numeric,
}


def _is_value(value: object) -> bool:
    return isinstance(value, str) or _is_number(value)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
