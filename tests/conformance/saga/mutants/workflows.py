"""Mistakes in what the compiler of Google Cloud Workflows makes of a saga; workflows_steps has those of its calls."""

from __future__ import annotations

from tests.conformance.saga.mutants import Mutant

SOURCE = "components/saga/workflows.py"
MUTANTS = (
    Mutant("attempts are counted from nought", '"attempt": 1', '"attempt": 0'),
    Mutant("attempts are counted without the first", "range(1, int(retry.attempts))", "range(int(retry.attempts))"),
    Mutant("attempts are one too few", "range(1, int(retry.attempts))", "range(2, int(retry.attempts))"),
    Mutant("waits do not grow", "retry.wait_seconds(failed)", "retry.wait_seconds(1)"),
    Mutant(
        "waits have no cap",
        "retry.wait_seconds(failed)",
        "retry.interval_seconds * retry.factor ** (failed - 1)",
    ),
    Mutant("waits lose the part of a second", "math.ceil(", "math.floor("),
    Mutant("steps are undone in order", "for step in reversed(self._steps):", "for step in self._steps:"),
    Mutant("the last step is not undone", "for step in reversed(self._steps):", "for step in self._steps[-2::-1]:"),
    Mutant(
        "the last failing branch tells why",
        'for step in self._steps]\n        return {"failed"',
        'for step in reversed(self._steps)]\n        return {"failed"',
    ),
    Mutant("a compensation has its step's key", '{step.name}:undo"', '{step.name}"'),
    Mutant("the step is done again instead of undone", "self._call(undo.task", "self._call(step.task"),
    Mutant(
        "a compensation has its step's attempts", "undo.timeout_seconds, undo.retry", "undo.timeout_seconds, step.retry"
    ),
    Mutant(
        "a compensation has its step's timeout", "undo.timeout_seconds, undo.retry", "step.timeout_seconds, undo.retry"
    ),
    Mutant("every timeout is half a minute", "int(timeout_seconds)", "30"),
    Mutant("the end has another timeout", "self._saga.end_timeout_seconds", "30"),
    Mutant("a step has a default's attempts", "step.timeout_seconds, step.retry", "step.timeout_seconds, Retry()"),
    Mutant(
        "the end is recorded with three attempts", "end_timeout_seconds, PERSISTENT", "end_timeout_seconds, Retry()"
    ),
    Mutant("the end has a key for each outcome", "self._call(task, END", "self._call(task, outcome"),
    Mutant(
        "a failure is recorded as a rejection",
        "self._record(self._saga.on_failed",
        "self._record(self._saga.on_rejected",
    ),
    Mutant(
        "a rejection is recorded as a failure",
        "self._record(self._saga.on_rejected",
        "self._record(self._saga.on_failed",
    ),
    Mutant(
        "a rejected run is a failed one",
        "self._saga.on_rejected, Outcome.REJECTED",
        "self._saga.on_rejected, Outcome.FAILED",
    ),
    Mutant("a failure is recorded twice", ' | {"next": "ended"}', ""),
    Mutant("every end is a failure", '"${failed.rejected}"', '"${failed.rejected and false}"'),
    Mutant("every step rejects", '"rejects": step.rejects', '"rejects": True'),
    Mutant("no step rejects", '"rejects": step.rejects', '"rejects": False'),
    Mutant("the end is not told what is left", '"uncompensated": "${uncompensated}"}', '"uncompensated": []}'),
    Mutant("only the last failed compensation counts", '"uncompensated": "${uncompensated}",', '"uncompensated": [],'),
    Mutant("a failed step is passed over", '.failed}}", "next": "failed"}', '.failed and false}}", "next": "failed"}'),
    Mutant("a failed step ends the run", '.failed}}", "next": "failed"}', '.failed}}", "next": "succeeded"}'),
    Mutant("only the first branch can fail", "for step in steps]\n    return", "for step in steps[:1]]\n    return"),
    Mutant("a branch goes on after a failure", ".succeeded}}", ".succeeded or true}}"),
    Mutant("a branch goes on after a skipped step", "{_did(before)}.succeeded", "not {_did(before)}.failed"),
    Mutant(
        "branches run one after another",
        '{"parallel": self._branches(node)}',
        '{"steps": [block for branch in node.branches for block in self._sequence(branch)]}',
    ),
    Mutant("a choice takes the other arm", '.result == "{case.result}"', '.result != "{case.result}"'),
    Mutant(
        "an arm with no step falls to the last", "in choice.cases:", "in filter(lambda case: case.steps, choice.cases):"
    ),
    Mutant("a choice has no other arm", "if choice.otherwise:", "if choice.otherwise and not choice.cases:"),
    Mutant("the data comes with what it came in", '"${input.data}"', '"${input}"'),
    Mutant("a call goes to the service of another", "self._services[task]", "min(self._services.values())"),
)
