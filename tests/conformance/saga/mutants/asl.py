"""Mistakes in the definition for Step Functions."""

from __future__ import annotations

from tests.conformance.saga.mutants import Mutant

SOURCE = "components/saga/asl.py"

MUTANTS = (
    Mutant("one attempt too many", "int(retry.attempts) - 1", "int(retry.attempts)"),
    Mutant("attempts are never repeated", "if retry.attempts > 1 else {}", "if retry.attempts > 20 else {}"),
    Mutant("only timeouts are retried", '"ErrorEquals": ["States.ALL"],', '"ErrorEquals": ["States.Timeout"],'),
    Mutant("the first wait is the cap", "int(min(retry.interval_seconds,", "int(max(retry.interval_seconds,"),
    Mutant("waits do not grow", "_canonical(retry.factor) if grows else 1", "1"),
    Mutant("waits have no cap", "if grows else {}),\n    }", "if retry.cap_seconds < 0 else {}),\n    }"),
    Mutant("no timeout", '            "TimeoutSeconds": int(timeout_seconds),\n', ""),
    Mutant(
        "faults are not caught", 'errors = ("States.DataLimitExceeded", "States.ALL")', 'errors = ("States.Timeout",)'
    ),
    Mutant(
        "attempts count from zero", "States.MathAdd($$.State.RetryCount, 1)", "States.MathAdd($$.State.RetryCount, 0)"
    ),
    Mutant("the key of a compensation is the step's", 'f"{step.name}:undo"', "step.name"),
    Mutant(
        "the key is the step alone",
        "f\"States.Format('{{}}:{key}', $$.Execution.Name)\"",
        "f\"States.Format('{key}')\"",
    ),
    Mutant("the run is not named", '"run_id.$": "$$.Execution.Name"', '"run_id.$": "$$.StateMachine.Id"'),
    Mutant("a task gets the whole state", '"data.$": "$.data",\n', '"data.$": "$",\n'),
    Mutant("a no is taken for a yes", '"code.$": "$.Payload.code", "message.$"', '"code": None, "message.$"'),
    Mutant(
        "a refused step is undone",
        'answered: _choose([_is_yes("$.answer", then), *rules], nothing)',
        'answered: _choose([_is_yes("$.answer", then), *rules], undo)',
    ),
    Mutant(
        "a step that may have happened is not undone",
        '"NumericGreaterThan": 0, "Next": undo}',
        '"NumericGreaterThan": 20, "Next": undo}',
    ),
    Mutant(
        "one fault before a no is forgiven",
        '"NumericGreaterThan": 0, "Next": undo}',
        '"NumericGreaterThan": 1, "Next": undo}',
    ),
    Mutant("a faulted step is not undone", '"ResultPath": "$.answer"}, undo),', '"ResultPath": "$.answer"}, nothing),'),
    Mutant(
        "a fault rejects",
        '"message.$": "$.answer.Error", "outcome": Outcome.FAILED',
        '"message.$": "$.answer.Error", "outcome": answer["outcome"]',
    ),
    Mutant(
        "a rejecting step fails the saga",
        "Outcome.REJECTED if step.rejects else Outcome.FAILED, **reached",
        "Outcome.FAILED, **reached",
    ),
    Mutant("a fault is called by its error", '"code": FAULT,', '"code.$": "$.answer.Error",'),
    Mutant(
        "only the step that broke is undone",
        "before, undo = undo, self._undo(step, undo)",
        "before, undo = undo, self._undo(step, END)",
    ),
    Mutant(
        "compensations run in order of the definition",
        "for answer, branch in answers.items():\n            for position, step in enumerate(branch, 1):",
        "for answer, branch in reversed(answers.items()):\n            for position, step in enumerate(branch, 1):",
    ),
    Mutant(
        "the step of a branch that broke counts as not reached",
        '"NumericGreaterThanEquals": position',
        '"NumericGreaterThan": position',
    ),
    Mutant("a refused step of a branch counts as reached", '"Result": position - 1,', '"Result": position,'),
    Mutant(
        "a branch that failed is overlooked",
        'rules = [{"Variable": f"{answer}.code", "IsNull": False,',
        'rules = [{"Variable": f"{answer}.code", "StringEquals": FAULT,',
    ),
    Mutant(
        "the last failing branch tells why",
        "for answer, name in failed.items()]",
        "for answer, name in reversed(failed.items())]",
    ),
    Mutant(
        "a failing branch goes on",
        '{"Type": "Pass", "InputPath": answer, "ResultPath": "$.answer", "Next": undo}',
        '{"Type": "Pass", "InputPath": answer, "ResultPath": "$.answer", "Next": then}',
    ),
    Mutant(
        "the first failure of a parallel is lost",
        '"InputPath": answer, "ResultPath": "$.answer", "Next": undo',
        '"InputPath": answer, "ResultPath": "$.failure", "Next": undo',
    ),
    Mutant(
        "a branch stops after its first step",
        "states |= self._step(step, then=then, nothing=nothing, undo=ended, reached=position)",
        "states |= self._step(step, then=ended, nothing=nothing, undo=ended, reached=position)",
    ),
    Mutant("every choice is otherwise", '"StringEquals": case.result', '"StringEquals": case.result.upper()'),
    Mutant(
        "undoing a choice undoes its first arm",
        "_by_result(node, undoing)}",
        "_by_result(node, [undoing[0]] * len(undoing))}",
    ),
    Mutant(
        "the arm that ran is not undone",
        "if set(undoing) == {undo} or then == SUCCEEDED:",
        "if set(undoing) == {undo} or node:",
    ),
    Mutant("the result is not kept", 'then = f"{name} result kept"\n', 'then = then or f"{name} result kept"\n'),
    Mutant(
        "a failing compensation stops the others",
        '"ResultPath": f"$.uncompensated.{step.name}"}, then)',
        '"ResultPath": f"$.uncompensated.{step.name}"}, END)',
    ),
    Mutant(
        "a failing compensation is not reported",
        '"ResultPath": f"$.uncompensated.{step.name}"}, then)',
        '"ResultPath": "$.undone"}, then)',
    ),
    Mutant(
        "a compensation that says no is taken for done",
        '_choose([_is_yes("$.undone", then)], failed)',
        '_choose([_is_yes("$.undone", then)], then)',
    ),
    Mutant(
        "compensations are attempted like their step",
        "undo.timeout_seconds, undo.retry)",
        "undo.timeout_seconds, step.retry)",
    ),
    Mutant("the end is not told what is left", '"uncompensated.$": "$.end.uncompensated"}', '"uncompensated": {}}'),
    Mutant(
        "the end is not told why",
        'told = {"failure.$": "$.end.failure",',
        'told = {"failure": {"step": "", "code": "", "message": ""},',
    ),
    Mutant(
        "rejections are recorded as failures",
        "rejected: self._record(self.saga.on_rejected)",
        "rejected: self._record(self.saga.on_failed)",
    ),
    Mutant(
        "the end is recorded once",
        "self.saga.end_timeout_seconds, PERSISTENT,",
        "self.saga.end_timeout_seconds, Retry(attempts=1),",
    ),
    Mutant(
        "an end that was refused counts as recorded",
        '{"Variable": "$.recorded.code", "IsNull": False, "Next": NOT_RECORDED}',
        '{"Variable": "$.recorded.code", "IsNull": False, "Next": ENDED}',
    ),
    Mutant(
        "an unrecorded end raises no alarm", "JUST_THE_CODE, RECORDED, NOT_RECORDED)", "JUST_THE_CODE, RECORDED, ENDED)"
    ),
    Mutant(
        "a failed compensation raises no alarm",
        'for path in revocable], "Next": NOT_COMPENSATED}',
        'for path in revocable], "Next": ENDED}',
    ),
    Mutant(
        "only the last failed compensation raises an alarm",
        '"IsPresent": True} for path in revocable]',
        '"IsPresent": True} for path in revocable[-1:]]',
    ),
)
