"""The saga as the definition that the orchestrator of Durable Functions interprets; each run is started with it.

`forward` has the nodes in their order, `backward` the compensations in theirs, the last step's first, and `end` the
task for each way to end other than well. All of them are calls of one form: task, timeout_seconds and retry, whose
attempts are totals. Names that nothing asks for are there for whoever reads the history of a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeAlias

from components.saga.definition import PERSISTENT, Choice, Node, Parallel, Retry, Saga, SagaError, Step
from components.saga.json import canonical
from components.saga.start import MAX_RUN_ID

VERSION = 1
"""Of this form. An orchestrator refuses a definition of a version that it does not know."""
MAX_INSTANCE_ID = 100
"""Characters; Azure's own limit. A branch is the instance run:parallel:number."""

Document: TypeAlias = dict[str, Any]


def compile_durable(saga: Saga) -> str:
    """The same saga always gives the same text. Raises SagaError for what Durable Functions cannot run."""
    for node in saga.nodes:
        if isinstance(node, Parallel):
            _refuse_long_name(node)
    document = {
        "version": VERSION,
        "saga": saga.name,
        "forward": [_node(node) for node in saga.nodes],
        "backward": list(_compensations(saga)),
        "end": {
            "rejected": _call(saga.on_rejected, saga.end_timeout_seconds, PERSISTENT),
            "failed": _call(saga.on_failed, saga.end_timeout_seconds, PERSISTENT),
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _refuse_long_name(parallel: Parallel) -> None:
    allowed = MAX_INSTANCE_ID - MAX_RUN_ID - len(f"::{len(parallel.branches)}")
    if len(parallel.name) > allowed:
        raise SagaError(
            f"the name of parallel {parallel.name} has {len(parallel.name)} characters; allowed are {allowed}, because "
            f"the id of a branch is made of it and Azure allows {MAX_INSTANCE_ID} characters for an id: shorten it"
        )


def _node(node: Node) -> Document:
    if isinstance(node, Parallel):
        return {"parallel": {"name": node.name, "branches": [_steps(branch) for branch in node.branches]}}
    if isinstance(node, Choice):
        cases = {case.result: _steps(case.steps) for case in node.cases}
        return {"choice": {"name": node.name, "of": node.of, "cases": cases, "otherwise": _steps(node.otherwise)}}
    return {"step": _step(node)}


def _steps(steps: Iterable[Step]) -> list[Document]:
    return [_step(step) for step in steps]


def _step(step: Step) -> Document:
    return {"name": step.name, **_call(step.task, step.timeout_seconds, step.retry), "rejects": step.rejects}


def _compensations(saga: Saga) -> Iterable[Document]:
    for step in reversed(list(saga.steps())):
        if undo := step.compensation:
            yield {"step": step.name, **_call(undo.task, undo.timeout_seconds, undo.retry)}


def _call(task: str, timeout_seconds: int, retry: Retry) -> Document:
    return {"task": task, "timeout_seconds": int(timeout_seconds), "retry": _retry(retry)}


def _retry(retry: Retry) -> Document:
    return {
        "attempts": int(retry.attempts),
        "interval_seconds": int(retry.interval_seconds),
        "factor": canonical(retry.factor),
        "cap_seconds": int(retry.cap_seconds),
    }
