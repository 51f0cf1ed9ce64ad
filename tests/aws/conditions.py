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


def names_action(pattern: str, action: str) -> bool:
    """Case is nothing to IAM in an action."""
    return like(pattern.lower(), action.lower())


def like(pattern: str, text: str) -> bool:
    """`*` is any text, `?` any character."""
    return _pattern(pattern).fullmatch(text) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """Each of the six parts between colons by itself; only the last may have colons in it."""
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(given) and all(map(like, wanted, given))


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
    "StringLike": like,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}
"""IAM compares ArnEquals as ArnLike."""


@cache
def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(re.escape(written).replace(r"\*", ".*").replace(r"\?", "."))
