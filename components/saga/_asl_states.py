"""The states of an Amazon States Language definition that are the same whatever the saga says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

from components.saga.definition import Node

N = TypeVar("N", bound=Node)
State: TypeAlias = dict[str, Any]
States: TypeAlias = dict[str, State]


def is_yes(answer: str, then: str) -> State:
    return {"Variable": f"{answer}.code", "IsNull": True, "Next": then}


def may_have_happened(answer: str) -> State:
    """Unless its first attempt said no; a fault's answer says nothing of retries.

    The first rule stays first: the others read what is there only if it does not hold.
    """
    retries = f"{answer}.retries"
    return {
        "Or": [
            {"Variable": retries, "IsPresent": False},
            {"Variable": f"{answer}.code", "IsNull": True},
            {"Variable": retries, "NumericGreaterThan": 0},
        ]
    }


def choose(rules: Sequence[State], otherwise: str) -> State:
    return {"Type": "Choice", "Choices": list(rules), "Default": otherwise}


def pass_(fields: State, then: str) -> State:
    return {"Type": "Pass", **fields, "Next": then}


def fail(error: str) -> State:
    return {"Type": "Fail", "Error": error, "CausePath": "States.JsonToString($.end)"}


def slot(name: str) -> str:
    """A name as a field of the state: not every reader of a path takes a dash for a part of one."""
    return name.replace("-", "_")


def with_next(nodes: Sequence[N], then: str) -> Iterator[tuple[N, str]]:
    """Each with the name of the one after it; after the last one comes `then`."""
    return zip(nodes, [*(node.name for node in nodes[1:]), then], strict=False)


def steps_reached(position: int | None) -> State:
    """What only the answers of a branch say."""
    return {} if position is None else {"reached": position}
