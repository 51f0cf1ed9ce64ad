"""Mistakes in the definition for Step Functions."""

from __future__ import annotations

from tests.conformance.saga.mutants import Mutant

SOURCE = "components/saga/asl.py"

MUTANTS = (
    Mutant("one attempt too many", "int(retry.attempts) - 1", "int(retry.attempts)"),
    Mutant("attempts are never repeated", "if retry.attempts > 1 else {}", "if retry.attempts > 20 else {}"),
    Mutant("only timeouts are retried", '"ErrorEquals": ["States.ALL"],', '"ErrorEquals": ["States.Timeout"],'),
    Mutant("the first wait is the cap", "int(min(retry.interval_seconds,", "int(max(retry.interval_seconds,"),
    Mutant("waits do not grow", "canonical(retry.factor) if grows else 1", "1"),
    Mutant("waits have no cap", "if grows else {}),\n    }", "if retry.cap_seconds < 0 else {}),\n    }"),
    Mutant("no timeout", '            "TimeoutSeconds": int(timeout_seconds),\n', ""),
    Mutant("every timeout is the longest", '"TimeoutSeconds": int(timeout_seconds)', '"TimeoutSeconds": 300'),
    Mutant(
        "a compensation has the timeout of its step",
        "undo.timeout_seconds, undo.retry)",
        "step.timeout_seconds, undo.retry)",
    ),
    Mutant(
        "the end has a timeout of the compiler's",
        "self.saga.end_timeout_seconds, PERSISTENT,",
        "77, PERSISTENT,",
    ),
    Mutant(
        "faults are not caught", 'errors = ("States.DataLimitExceeded", "States.ALL")', 'errors = ("States.Timeout",)'
    ),
    Mutant(
        "attempts count from zero", "States.MathAdd($$.State.RetryCount, 1)", "States.MathAdd($$.State.RetryCount, 0)"
    ),
    Mutant("attempts do not count", '"attempt.$": "States.MathAdd($$.State.RetryCount, 1)"', '"attempt": 1'),
    Mutant("the key of a compensation is the step's", 'f"{step.name}:undo"', "step.name"),
    Mutant(
        "the key is the step alone",
        "f\"States.Format('{{}}:{key}', $$.Execution.Name)\"",
        "f\"States.Format('{key}')\"",
    ),
    Mutant("the run is not named", '"run_id.$": "$$.Execution.Name"', '"run_id.$": "$$.StateMachine.Id"'),
    Mutant("a task gets the whole state", '"data.$": "$.data",\n', '"data.$": "$",\n'),
    Mutant("a no is taken for a yes", '"code.$": "$.Payload.code",\n', '"code": None,\n'),
    Mutant(
        "a refused step is undone",
        "answered: choose(rules, nothing)",
        "answered: choose(rules, undo)",
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
    Mutant("a faulted step is not undone", "_fault(step.name, undo, reached)", "_fault(step.name, nothing, reached)"),
    Mutant(
        "a fault rejects",
        '"message.$": "$.answer.Error", "outcome": Outcome.FAILED',
        '"message.$": "$.answer.Error", "outcome": Outcome.REJECTED',
    ),
    Mutant(
        "a rejecting step fails the saga",
        "Outcome.REJECTED if step.rejects else Outcome.FAILED",
        "Outcome.FAILED",
    ),
    Mutant("a fault is called by its error", '"code": FAULT,', '"code.$": "$.answer.Error",'),
    Mutant(
        "only the step that broke is undone",
        "before, undo = undo, self._undo(step, undo)",
        "before, undo = undo, self._undo(step, WHAT_IS_LEFT if self._revocable() else END)",
    ),
    Mutant(
        "compensations run in order of the definition",
        "for index, branch in enumerate(node.branches):\n",
        "for index, branch in reversed([*enumerate(node.branches)]):\n",
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
        "for answer, state in failed.items()]",
        "for answer, state in reversed(failed.items())]",
    ),
    Mutant(
        "a failing branch goes on",
        'pass_({"InputPath": answer, "ResultPath": "$.answer"}, undo)',
        'pass_({"InputPath": answer, "ResultPath": "$.answer"}, then)',
    ),
    Mutant(
        "the first failure of a parallel is lost",
        'pass_({"InputPath": answer, "ResultPath": "$.answer"}, undo)',
        'pass_({"InputPath": answer, "ResultPath": "$.failure"}, undo)',
    ),
    Mutant(
        "the last step of a branch is undone though it said no",
        '{"And": [reached, may_have_happened(answer)]}',
        "reached",
    ),
    Mutant(
        "the last step of a branch counts as reached whatever came before",
        '{"And": [reached, may_have_happened(answer)]}',
        "may_have_happened(answer)",
    ),
    Mutant(
        "a no of a branch after a fault is forgiven",
        "if step.retry.attempts > 1 or reached else {}",
        "if step.retry.attempts > 1 and not reached else {}",
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
    Mutant("the result is not kept", "next(iter(keeping), then)", "then"),
    Mutant(
        "a failing compensation stops the others",
        '"ResultPath": f"$.uncompensated.{slot(step.name)}"}, then)',
        '"ResultPath": f"$.uncompensated.{slot(step.name)}"}, WHAT_IS_LEFT)',
    ),
    Mutant(
        "a failing compensation is not reported",
        '"ResultPath": f"$.uncompensated.{slot(step.name)}"}, then)',
        '"ResultPath": "$.undone"}, then)',
    ),
    Mutant(
        "a compensation that says no is taken for done",
        'choose([is_yes("$.undone", then)], failed)',
        'choose([is_yes("$.undone", then)], then)',
    ),
    Mutant(
        "compensations are attempted like their step",
        "undo.timeout_seconds, undo.retry)",
        "undo.timeout_seconds, step.retry)",
    ),
    Mutant("the end is not told what is left", '"uncompensated.$": "$.end.uncompensated"}', '"uncompensated": []}'),
    Mutant("one failed compensation hides the others", "lists[*][*]", "lists[0]"),
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
        '"IsPresent": True, "Next": NOT_COMPENSATED}',
        '"IsPresent": True, "Next": ENDED}',
    ),
    Mutant(
        "one failed compensation raises no alarm",
        "$.end.uncompensated[0]",
        "$.end.uncompensated[1]",
    ),
    Mutant(
        "a parallel that fails as a whole undoes what is before it alone",
        "faulted: _fault(name, undo)",
        "faulted: _fault(name, WHAT_IS_LEFT)",
    ),
    Mutant(
        "a parallel that fails as a whole undoes none of its steps",
        '{"reached": len(branch)} for',
        '{"reached": 0} for',
    ),
    Mutant("an answer that is too large ends the run", '"States.DataLimitExceeded", "States.ALL"', '"States.ALL",'),
    Mutant(
        "a parallel that fails as a whole ends the run",
        '                "Catch": _catchers("$.answer", faulted),\n',
        "",
    ),
)
