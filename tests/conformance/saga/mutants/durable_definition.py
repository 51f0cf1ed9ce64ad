"""Mistakes in the definition that a run on Durable Functions is started with; durable has those of what reads it."""

from __future__ import annotations

from tests.conformance.saga.mutants import Mutant

SOURCE = "components/saga/durable.py"
_NODES = "for node in saga.nodes]"
_LAST_FIRST = "reversed(list(saga.steps()))"
_STEP = "_call(step.task, step.timeout_seconds, step.retry)"
_UNDO = "_call(undo.task, undo.timeout_seconds, undo.retry)"
_REJECTED = "_call(saga.on_rejected, saga.end_timeout_seconds, PERSISTENT)"
_FAILED = "_call(saga.on_failed, saga.end_timeout_seconds, PERSISTENT)"
_CASES = "{case.result: _steps(case.steps) for case in node.cases}"
_OTHERWISE = "_steps(node.otherwise)"
_BRANCHES = "[_steps(branch) for branch in node.branches]"
_ATTEMPTS = "int(retry.attempts)"
_INTERVAL = '"interval_seconds": int(retry.interval_seconds)'
_FACTOR = "canonical(retry.factor)"
_CAP = '"cap_seconds": int(retry.cap_seconds)'

MUTANTS: tuple[Mutant, ...] = (
    Mutant("the last node is missing", _NODES, "for node in saga.nodes[:-1]]"),
    Mutant("every node stands there twice", _NODES, "for node in saga.nodes for _ in range(2)]"),
    Mutant("compensations stand in the order of the steps", _LAST_FIRST, "saga.steps()"),
    Mutant(
        "compensations stand in the order of their names",
        _LAST_FIRST,
        "sorted(saga.steps(), key=lambda step: step.name, reverse=True)",
    ),
    Mutant("the last step has no compensation", _LAST_FIRST, "list(saga.steps())[-2::-1]"),
    Mutant("the first step has no compensation", _LAST_FIRST, "list(saga.steps())[:0:-1]"),
    Mutant("every compensation stands there twice", f"in {_LAST_FIRST}:", f"in 2 * list({_LAST_FIRST}):"),
    Mutant("a compensation has its task's name", '{"step": step.name, **_call(', '{"step": undo.task, **_call('),
    Mutant("the step is done again instead of undone", _UNDO, _UNDO.replace("undo.task", "step.task")),
    Mutant("a compensation has its step's timeout", _UNDO, _UNDO.replace("undo.timeout", "step.timeout")),
    Mutant("a compensation has its step's attempts", _UNDO, _UNDO.replace("undo.retry", "step.retry")),
    Mutant("every compensation has ten attempts", _UNDO, _UNDO.replace("undo.retry", "PERSISTENT")),
    Mutant("a step has a default's attempts", _STEP, _STEP.replace("step.retry", "Retry()")),
    Mutant("a step's task is its name", _STEP, _STEP.replace("step.task", "step.name")),
    Mutant("no step rejects", '"rejects": step.rejects', '"rejects": False'),
    Mutant("every step rejects", '"rejects": step.rejects', '"rejects": True'),
    Mutant("a rejection is recorded as a failure", _REJECTED, _FAILED),
    Mutant("a failure is recorded as a rejection", _FAILED, _REJECTED),
    Mutant("the end has another timeout", _FAILED, _FAILED.replace("saga.end_timeout_seconds", "30")),
    Mutant("the end is recorded with three attempts", _FAILED, _FAILED.replace("PERSISTENT", "Retry()")),
    Mutant("a rejection is recorded with three attempts", _REJECTED, _REJECTED.replace("PERSISTENT", "Retry()")),
    Mutant(
        "cases are mixed",
        _CASES,
        "{case.result: _steps(other.steps) for case, other in zip(node.cases, reversed(node.cases))}",
    ),
    Mutant("only the first case is there", _CASES, _CASES.replace("node.cases", "node.cases[:1]")),
    Mutant("a case with no step is missing", _CASES, _CASES.replace("node.cases", "node.cases if case.steps")),
    Mutant("otherwise is dropped", _OTHERWISE, "[]"),
    Mutant("the first case is otherwise too", _OTHERWISE, "_steps(node.otherwise or node.cases[0].steps)"),
    Mutant("branches stand in another order", _BRANCHES, _BRANCHES.replace("node.branches", "reversed(node.branches)")),
    Mutant("branches are one", _BRANCHES, "[[_step(step) for branch in node.branches for step in branch]]"),
    Mutant("a branch is its first step", _BRANCHES, _BRANCHES.replace("(branch)", "(branch[:1])")),
    Mutant("steps of a sequence stand backwards", "for step in steps]", "for step in reversed(list(steps))]"),
    Mutant("every timeout is half a minute", "int(timeout_seconds)", "30"),
    Mutant("every timeout is doubled", "int(timeout_seconds)", "2 * int(timeout_seconds)"),
    Mutant("attempts are counted without the first", _ATTEMPTS, f"{_ATTEMPTS} + 1"),
    Mutant("one attempt too few", _ATTEMPTS, f"max(1, {_ATTEMPTS} - 1)"),
    Mutant("waits have no cap", _CAP, '"cap_seconds": 3600'),
    Mutant("waits last for the cap", _INTERVAL, '"interval_seconds": int(retry.cap_seconds)'),
    Mutant("waits do not grow", _CAP, '"cap_seconds": int(retry.interval_seconds)'),
    Mutant("waits grow by whole numbers", _FACTOR, "int(retry.factor)"),
    Mutant("waits double", _FACTOR, "2"),
    Mutant("the factor is the interval", _FACTOR, "int(retry.interval_seconds)"),
)
