"""Whether a statement's conditions hold, as IAM compares them with what it is told of a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

Told = Mapping[str, str]
"""By condition key what is known of a request; a key that is not here is one that nobody told."""

FOR_ALL = "ForAllValues:"


class UnknownOperatorError(LookupError):
    """A condition is written by an operator that is not read here yet."""


def matches(pattern: str, value: str) -> bool:
    """As IAM compares: `*` is any text, `?` any character."""
    return _pattern(pattern).fullmatch(value) is not None


def hold(conditions: Mapping[str, Mapping[str, Any]], told: Told) -> bool:
    """All of them: nobody is let in by a condition on what a service does not say."""
    known = {key.lower(): value for key, value in told.items()}
    return all(
        _holds(operator, listed(wanted), known.get(key.lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def listed(value: Any) -> Collection[Any]:  # noqa: ANN401 JSON
    return value if isinstance(value, list) else [value]


def _holds(operator: str, wanted: Collection[str], value: str | None) -> bool:
    name = operator.removeprefix(FOR_ALL)
    if name == "Null":
        return [str(each).lower() for each in wanted] == [str(value is None).lower()]
    if name not in OPERATORS:
        raise UnknownOperatorError(operator)
    if value is None:
        return operator.startswith(FOR_ALL)
    return any(OPERATORS[name](str(each), value) for each in wanted)


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringLike": matches,
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}
"""IAM compares ArnEquals as ArnLike."""


@cache
def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(re.escape(written).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE)
