"""The saga as JSON and back: the same saga always gives the same bytes, and anything unknown is refused by name.

A node is an object with `step`, `parallel` or `choice`; absent fields have the definition's defaults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any, TypeAlias, TypeVar

from components.saga.definition import (
    Case,
    Choice,
    Compensation,
    Node,
    Parallel,
    Retry,
    Saga,
    SagaError,
    Step,
)

HIGHEST_NUMBER = 1_000_000
"""Keeps numbers that do not fit any arithmetic out of it; every limit of the definition is far below."""

T = TypeVar("T")
Document: TypeAlias = dict[str, Any]
_Readers: TypeAlias = Mapping[str, Callable[[object, str], object]]


def to_json(saga: Saga) -> bytes:
    return json.dumps(to_document(saga), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def from_json(text: bytes | str) -> Saga:
    """Raises SagaError, naming the construct and where it is."""
    try:
        return from_document(json.loads(text))
    except SagaError:
        raise
    except (ValueError, RecursionError) as error:
        raise SagaError(f"the saga is not JSON that can be read: {error}") from None


def to_document(saga: Saga) -> Document:
    """Plain dicts, lists, strings, numbers and booleans; every field is written out."""
    return {
        "name": saga.name,
        "nodes": [_node_document(node) for node in saga.nodes],
        "on_rejected": saga.on_rejected,
        "on_failed": saga.on_failed,
        "end_timeout_seconds": int(saga.end_timeout_seconds),
    }


def from_document(document: object) -> Saga:
    """Raises SagaError, naming the construct and where it is."""
    return _build(Saga, document, "saga", _SAGA)


def _node_document(node: Node) -> Document:
    if isinstance(node, Step):
        return {"step": _step_document(node)}
    if isinstance(node, Parallel):
        return {"parallel": {"name": node.name, "branches": [_steps_document(branch) for branch in node.branches]}}
    cases = [{"result": case.result, "steps": _steps_document(case.steps)} for case in node.cases]
    choice = {"name": node.name, "of": node.of, "cases": cases, "otherwise": _steps_document(node.otherwise)}
    return {"choice": choice}


def _steps_document(steps: Iterable[Step]) -> list[Document]:
    return [_step_document(step) for step in steps]


def _step_document(step: Step) -> Document:
    document: Document = canonical(asdict(step))
    if step.compensation is None:
        del document["compensation"]
    return document


def canonical(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """2 and 2.0 are the same number, so they are written the same."""
    if isinstance(value, dict):
        return {name: canonical(item) for name, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _build(make: type[T], document: object, where: str, readers: _Readers) -> T:
    if not isinstance(document, dict):
        raise SagaError(f"{where} is {_kind(document)}; it has to be an object with {_listed(readers)}")
    unknown = sorted(document.keys() - readers.keys())
    if unknown:
        raise SagaError(f"{where} has {unknown[0]}, which no target is sure to do; allowed are {_listed(readers)}")
    missing = sorted(_required(make) - document.keys())
    if missing:
        raise SagaError(f"{where} has no {missing[0]}, which it needs")
    values = {name: readers[name](value, f"{where}.{name}") for name, value in document.items()}
    try:
        return make(**values)
    except SagaError as error:
        raise SagaError(f"{where}: {error}") from None


def _required(made: type[Any]) -> set[str]:
    return {field.name for field in fields(made) if field.default is MISSING}


def _node(document: object, where: str) -> Node:
    if isinstance(document, dict) and len(document) == 1:
        ((kind, content),) = document.items()
        if kind == "step":
            return _build(Step, content, f"{where}.step", _STEP)
        if kind == "parallel":
            return _build(Parallel, content, f"{where}.parallel", _PARALLEL)
        if kind == "choice":
            return _build(Choice, content, f"{where}.choice", _CHOICE)
    found = _listed(document) if isinstance(document, dict) else _kind(document)
    raise SagaError(f"{where} is {found}; a node is an object with one of step, parallel and choice")


def _nodes(document: object, where: str) -> tuple[Node, ...]:
    return tuple(_node(item, place) for item, place in _items(document, where))


def _branches(document: object, where: str) -> tuple[tuple[Step, ...], ...]:
    return tuple(_steps(branch, place) for branch, place in _items(document, where))


def _steps(document: object, where: str) -> tuple[Step, ...]:
    return tuple(_build(Step, step, place, _STEP) for step, place in _items(document, where))


def _cases(document: object, where: str) -> tuple[Case, ...]:
    return tuple(_build(Case, case, place, _CASE) for case, place in _items(document, where))


def _retry(document: object, where: str) -> Retry:
    return _build(Retry, document, where, _RETRY)


def _compensation(document: object, where: str) -> Compensation:
    return _build(Compensation, document, where, _COMPENSATION)


def _items(document: object, where: str) -> list[tuple[object, str]]:
    if not isinstance(document, list):
        raise SagaError(f"{where} is {_kind(document)}; it has to be a list")
    return [(item, f"{where}[{index}]") for index, item in enumerate(document)]


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise SagaError(f"{where} is {_kind(value)}; it has to be a name")
    return value


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SagaError(f"{where} is {_kind(value)}; it has to be a number")
    if abs(value) > HIGHEST_NUMBER:
        raise SagaError(f"{where} is beyond {HIGHEST_NUMBER:,}, and so beyond every limit")
    return float(value)


def _count(value: object, where: str) -> int:
    number = _number(value, where)
    if number % 1:
        raise SagaError(f"{where} is {_kind(value)}; it has to be a whole number")
    return int(number)


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise SagaError(f"{where} is {_kind(value)}; it has to be true or false")
    return value


def _kind(value: object) -> str:
    return (
        json.dumps(value)
        if not isinstance(value, dict | list)
        else "a list"
        if isinstance(value, list)
        else "an object"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


_RETRY: _Readers = {"attempts": _count, "interval_seconds": _count, "factor": _number, "cap_seconds": _count}
_COMPENSATION: _Readers = {"task": _text, "timeout_seconds": _count, "retry": _retry}
_STEP: _Readers = {
    "name": _text,
    "task": _text,
    "timeout_seconds": _count,
    "retry": _retry,
    "compensation": _compensation,
    "rejects": _flag,
}
_PARALLEL: _Readers = {"name": _text, "branches": _branches}
_CASE: _Readers = {"result": _text, "steps": _steps}
_CHOICE: _Readers = {"name": _text, "of": _text, "cases": _cases, "otherwise": _steps}
_SAGA: _Readers = {
    "name": _text,
    "nodes": _nodes,
    "on_rejected": _text,
    "on_failed": _text,
    "end_timeout_seconds": _count,
}
