"""Google Cloud Workflows: the saga as the source of one workflow, in JSON.

The main workflow reads like the saga. `do_x` performs a step and `check_x` leaves for `failed` if it did not succeed;
then every compensation follows, `undo_x`, from the last step of the definition to the first, and passes over what
cannot have happened. What became of a step is in the variable `did_x`, which nothing else writes: branches that run
side by side have nothing in common but what they read.

A workflow takes `{"run_id": ..., "data": {...}}`. It returns how the run ended; it raises the same where somebody has
to look, so that the execution has failed. Workflows gives every start an id of its own: whoever starts an execution
has to see to it that a run is started once.

No text of a run is ever part of an expression, since Workflows evaluates every string of a source that contains `${`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, TypeAlias

from components.saga._workflows_source import refuse_over_limits, written
from components.saga._workflows_steps import SUBWORKFLOWS, UNANSWERED, UNTRIED
from components.saga.decider import END, Outcome
from components.saga.definition import PERSISTENT, Choice, Node, Parallel, Retry, Saga, SagaError, Step, sequences

Block: TypeAlias = dict[str, Any]
"""One step of a workflow, under its name."""
SERVICE_URL = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+")
"""Of a service and of no path in it, because the audience of a token is a service."""


def compile_workflow(saga: Saga, services: Mapping[str, str]) -> str:
    """The source of the workflow; `services` has for each task the URL of the Cloud Run service that performs it."""
    _refuse_unserved(saga, services)
    main = {"params": ["input"], "steps": list(_Main(saga, services).steps())}
    document = {"main": main, **SUBWORKFLOWS}
    source = written(document) + "\n"
    refuse_over_limits(saga.name, document, source)
    return source


def _refuse_unserved(saga: Saga, services: Mapping[str, str]) -> None:
    for task in sorted(saga.tasks()):
        url = services.get(task)
        if url is None:
            raise SagaError(f"saga {saga.name}: no service performs {task}; name the URL of the one that does")
        if not SERVICE_URL.fullmatch(url):
            raise SagaError(
                f"saga {saga.name}: the service of {task} is {url!r}; it has to be the URL of a service, "
                "https://host without a path"
            )


class _Main:
    """The main workflow of one saga."""

    def __init__(self, saga: Saga, services: Mapping[str, str]) -> None:
        self._saga = saga
        self._services = services
        self._steps = tuple(saga.steps())

    def steps(self) -> Iterator[Block]:
        yield self._begin()
        for node in self._saga.nodes:
            yield self._do_node(node)
            yield _check(node)
        yield {"succeeded": {"return": {"outcome": Outcome.SUCCEEDED, "failure": None, "uncompensated": []}}}
        yield self._failed()
        for step in reversed(self._steps):
            yield from self._undo(step)
        yield {"how_to_end": {"switch": [{"condition": "${failed.rejected}", "next": "reject"}]}}
        yield {"fail": self._record(self._saga.on_failed, Outcome.FAILED) | {"next": "ended"}}
        yield {"reject": self._record(self._saga.on_rejected, Outcome.REJECTED)}
        yield {"ended": {"return": "${ended}"}}

    def _begin(self) -> Block:
        """Branches and guards need each variable to be there before anything has happened."""
        untried = [{_did(step): "${untried}"} for step in self._steps]
        return {"begin": {"assign": [{"untried": UNTRIED}, *untried, {"uncompensated": []}]}}

    def _do_node(self, node: Node) -> Block:
        if isinstance(node, Parallel):
            return {f"do_{_word(node.name)}": {"parallel": self._branches(node)}}
        if isinstance(node, Choice):
            return {f"do_{_word(node.name)}": {"switch": list(self._arms(node))}}
        return self._do(node)

    def _branches(self, parallel: Parallel) -> Block:
        return {
            "shared": [_did(step) for branch in parallel.branches for step in branch],
            "branches": [
                {f"branch_{number}_of_{_word(parallel.name)}": {"steps": self._sequence(branch)}}
                for number, branch in enumerate(parallel.branches, start=1)
            ],
        }

    def _arms(self, choice: Choice) -> Iterator[Block]:
        """The first condition that holds decides."""
        past = {"next": f"check_{_word(choice.name)}"}
        for case in choice.cases:
            condition = f'${{did_{_word(choice.of)}.result == "{case.result}"}}'
            yield {"condition": condition, **({"steps": self._sequence(case.steps)} if case.steps else past)}
        if choice.otherwise:
            yield {"condition": True, "steps": self._sequence(choice.otherwise)}

    def _sequence(self, steps: tuple[Step, ...]) -> list[Block]:
        """Each step if the one before it succeeded; a branch cannot be left from its middle."""
        blocks = [self._do(steps[0])]
        for before, step in pairwise(steps):
            guarded = {"condition": f"${{{_did(before)}.succeeded}}", "steps": [self._do(step)]}
            blocks.append({f"then_{_word(step.name)}": {"switch": [guarded]}})
        return blocks

    def _do(self, step: Step) -> Block:
        args = {
            "step": step.name,
            "rejects": step.rejects,
            "answer": UNANSWERED,
            **self._call(step.task, step.name, step.timeout_seconds, step.retry),
        }
        return {f"do_{_word(step.name)}": {"call": "perform", "args": args, "result": _did(step)}}

    def _failed(self) -> Block:
        """In the order of the definition, so that the first failing branch of it tells why."""
        answers = [f"${{{_did(step)}}}" for step in self._steps]
        return {"failed": {"call": "first_failure", "args": {"answers": answers}, "result": "failed"}}

    def _undo(self, step: Step) -> Iterator[Block]:
        undo = step.compensation
        if undo:
            args = {
                "did": f"${{{_did(step)}}}",
                "uncompensated": "${uncompensated}",
                "step": step.name,
                **self._call(undo.task, f"{step.name}:undo", undo.timeout_seconds, undo.retry),
            }
            yield {f"undo_{_word(step.name)}": {"call": "undo", "args": args, "result": "uncompensated"}}

    def _record(self, task: str, outcome: Outcome) -> Block:
        call = self._call(task, END, self._saga.end_timeout_seconds, PERSISTENT)
        call["body"] |= {"failure": "${failed.failure}", "uncompensated": "${uncompensated}"}
        return {"call": "record", "args": {"outcome": outcome, **call}, "result": "ended"}

    def _call(self, task: str, key: str, timeout_seconds: int, retry: Retry) -> Block:
        body = {
            "task": task,
            "run_id": "${input.run_id}",
            "key": f'${{input.run_id + ":{key}"}}',
            "data": "${input.data}",
            "attempt": 1,
        }
        return {
            "url": self._services[task],
            "body": body,
            "timeout_seconds": int(timeout_seconds),
            "waits_seconds": _waits(retry),
        }


def _check(node: Node) -> Block:
    steps = [step for sequence in sequences(node) for step in sequence]
    failures = [{"condition": f"${{{_did(step)}.failed}}", "next": "failed"} for step in steps]
    return {f"check_{_word(node.name)}": {"switch": failures}}


def _waits(retry: Retry) -> list[int]:
    """One before each attempt but the first; up to the next whole second, as sleeping for a part of one is unsaid."""
    return [math.ceil(retry.wait_seconds(failed)) for failed in range(1, int(retry.attempts))]


def _did(step: Step) -> str:
    return f"did_{_word(step.name)}"


def _word(name: str) -> str:
    """As part of a variable; two names stay two, because none has an underscore."""
    return name.replace("-", "_")
