"""Writes what the order saga becomes, for people who want to see it: a picture, and a definition for each engine.

python -m components.saga.artefacts docs/order-saga

The addresses in them are examples; a deployment has its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from components.saga.asl import compile_asl
from components.saga.definition import Parallel, Retry, Saga, Step, sequences
from components.saga.durable import compile_durable
from components.saga.mermaid import diagram
from components.saga.order import ORDER_SAGA
from components.saga.workflows import compile_workflow

HEAD = """\
# The order saga

Printed by `python -m components.saga.artefacts docs/order-saga` from `components/saga/order.py`; a test holds it
current. `docs/saga.md` says what the words mean. When a step fails for good, what may have happened is undone by the
compensations at the ends of the dotted arrows, the last step's first, and then the end is recorded. In the table,
`3, 2 s * 2 up to 60 s` is three attempts, with waits that begin at 2 seconds and double up to 60."""

TAIL = """\
The same saga for each engine, with example addresses:

- `docs/order-saga/step-functions.json`: Amazon States Language
- `docs/order-saga/workflows.json`: Google Cloud Workflows
- `docs/order-saga/durable.json`: the input of the orchestrator `saga_v1` on Azure Durable Functions

On one machine the definition itself is kept with every run."""


def artefacts(saga: Saga) -> Mapping[str, str]:
    """Text by file name."""
    functions = {task: f"arn:aws:lambda:eu-central-1:123456789012:function:{task}:live" for task in saga.tasks()}
    services = {task: f"https://{task}.example" for task in saga.tasks()}
    return {
        "README.md": "\n\n".join((HEAD, f"```mermaid\n{diagram(saga)}```", "\n".join(_table(saga)), TAIL)) + "\n",
        "step-functions.json": compile_asl(saga, functions),
        "workflows.json": compile_workflow(saga, services),
        "durable.json": compile_durable(saga),
    }


def _table(saga: Saga) -> Iterator[str]:
    yield "| step | timeout | attempts | undone by | attempts to undo |\n|---|---|---|---|---|"
    for node in saga.nodes:
        for steps in sequences(node):
            yield from (_row(step, f"{node.name}: " if isinstance(node, Parallel) else "") for step in steps)


def _row(step: Step, where: str) -> str:
    undo = step.compensation
    undone = f"{undo.task} | {_attempts(undo.retry)}" if undo else "no task | "
    return f"| {where}{step.name} | {step.timeout_seconds} s | {_attempts(step.retry)} | {undone} |"


def _attempts(retry: Retry) -> str:
    if retry.attempts == 1:
        return "1"
    return f"{retry.attempts}, {retry.interval_seconds} s * {retry.factor:g} up to {retry.cap_seconds} s"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in artefacts(ORDER_SAGA).items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
