"""Mistakes that the decision of what is next could have."""

from __future__ import annotations

from tests.conformance.saga.mutants import Mutant

SOURCE = "components/saga/decider.py"
MUTANTS = (
    Mutant(
        "a fault is retried once more than the attempts in total",
        "entry.attempt < retry.attempts",
        "entry.attempt <= retry.attempts",
    ),
    Mutant(
        "the last attempt is never made",
        "entry.attempt < retry.attempts",
        "entry.attempt + 1 < retry.attempts",
    ),
    Mutant(
        "a business error is retried",
        "elif entry.kind is Kind.FAULTED and entry.attempt",
        "elif entry.kind in (Kind.FAULTED, Kind.REFUSED) and entry.attempt",
    ),
    Mutant(
        "a first attempt that faults is made again under its number",
        "            self._last[entry.phase, entry.step] = entry\n",
        "            of_call = [each for each in journal if (each.phase, each.step) == (entry.phase, entry.step)]\n"
        "            if [each.kind for each in of_call] == [Kind.STARTED, Kind.FAULTED] and entry is of_call[1]:\n"
        "                del self._last[entry.phase, entry.step]\n"
        "            else:\n"
        "                self._last[entry.phase, entry.step] = entry\n",
    ),
    Mutant(
        "a further attempt is made at once",
        "number, not_before_ms = entry.attempt + 1, self._after(entry, retry)",
        "number, not_before_ms = entry.attempt + 1, entry.at_ms",
    ),
    Mutant(
        "the first wait has grown already",
        "retry.wait_seconds(entry.attempt)",
        "retry.wait_seconds(entry.attempt + 1)",
    ),
    Mutant(
        "waits do not grow",
        "retry.wait_seconds(entry.attempt)",
        "retry.wait_seconds(1)",
    ),
    Mutant(
        "waits have no cap",
        "retry.wait_seconds(entry.attempt)",
        "(retry.interval_seconds * retry.factor ** (entry.attempt - 1))",
    ),
    Mutant(
        "a call that was cut off is made again under the next number",
        "number, not_before_ms = entry.attempt, 0",
        "number, not_before_ms = entry.attempt + 1, 0",
    ),
    Mutant(
        "a call that was cut off is noted as begun once more",
        "is_started=entry is not None and entry.kind is Kind.STARTED",
        "is_started=False",
    ),
    Mutant(
        "a call that was cut off counts as ended",
        "number, not_before_ms = entry.attempt, 0",
        "return None",
    ),
    Mutant(
        "a compensation has no attempts of its own",
        "undo.timeout_seconds, undo.retry)",
        "undo.timeout_seconds, step.retry)",
    ),
    Mutant(
        "compensations run in the order of the definition",
        "for step in reversed(self._steps.values())",
        "for step in self._steps.values()",
    ),
    Mutant(
        "a step whose first attempt said no is undone",
        "entry.kind in (Kind.SUCCEEDED, Kind.FAULTED):",
        "entry.kind in (Kind.SUCCEEDED, Kind.FAULTED, Kind.REFUSED):",
    ),
    Mutant(
        "a step that faulted for good is not undone",
        "entry.kind in (Kind.SUCCEEDED, Kind.FAULTED):",
        "entry.kind is Kind.SUCCEEDED:",
    ),
    Mutant(
        "a step that faulted before it said no is not undone",
        "                self._may_have_happened.add(entry.step)",
        "                self._may_have_happened.add(entry.step)\n"
        "            if entry.phase is Phase.DO and entry.kind is Kind.REFUSED:\n"
        "                self._may_have_happened.discard(entry.step)",
    ),
    Mutant(
        "every step of the definition is undone",
        "if step.compensation and step.name in self._may_have_happened",
        "if step.compensation",
    ),
    Mutant(
        "the compensation of a step is called under the key of the step",
        'Phase.UNDO: f"{run_id}:{self.step}:undo"',
        'Phase.UNDO: f"{run_id}:{self.step}"',
    ),
    Mutant(
        "a further attempt has a key of its own",
        'Phase.DO: f"{run_id}:{self.step}"',
        'Phase.DO: f"{run_id}:{self.step}" + ("-again" if self.attempt > 1 else "")',
    ),
    Mutant(
        "a failing compensation ends the undoing",
        "            uncompensated.append(step.name)",
        "            uncompensated.append(step.name)\n            break",
    ),
    Mutant(
        "a failing compensation is forgotten",
        "            uncompensated.append(step.name)",
        "            pass",
    ),
    Mutant(
        "a compensation that said no counts as done",
        "return self._last[Phase.UNDO, step.name].kind is Kind.SUCCEEDED",
        "return self._last[Phase.UNDO, step.name].kind is not Kind.FAULTED",
    ),
    Mutant(
        "the task that records the end is not told what could not be undone",
        "replace(call, failure=failure, uncompensated=uncompensated)",
        "replace(call, failure=failure)",
    ),
    Mutant(
        "the alarm on a failed compensation is lost",
        "        uncompensated=uncompensated,\n        end_error",
        "        end_error",
    ),
    Mutant(
        "an end that could not be recorded raises no alarm",
        "end_error=None if recorded else history.failure(Phase.END, END)",
        "end_error=None",
    ),
    Mutant(
        "a record of the end that said no counts as made",
        "recorded = history.last(Phase.END, END).kind is Kind.SUCCEEDED",
        "recorded = history.last(Phase.END, END).kind is not Kind.FAULTED",
    ),
    Mutant(
        "the end is recorded with one attempt",
        "saga.end_timeout_seconds, PERSISTENT)",
        "saga.end_timeout_seconds, Retry(attempts=1))",
    ),
    Mutant(
        "a rejecting step that faults rejects",
        "rejected = broken.rejects and history.last(Phase.DO, broken.name).kind is Kind.REFUSED",
        "rejected = broken.rejects",
    ),
    Mutant(
        "every no rejects",
        "rejected = broken.rejects and history",
        "rejected = history",
    ),
    Mutant(
        "a rejection is recorded as a failure",
        "task = saga.on_rejected if rejected else saga.on_failed",
        "task = saga.on_failed",
    ),
    Mutant(
        "a rejection ends as a failure",
        "outcome=Outcome.REJECTED if rejected else Outcome.FAILED",
        "outcome=Outcome.FAILED",
    ),
    Mutant(
        "the last failing branch tells why",
        "broken = next((step for branch in branches for step",
        "broken = next((step for branch in reversed(branches) for step",
    ),
    Mutant(
        "a parallel is not joined when a branch has failed",
        "        if calls:\n            return Proceed(calls=calls)",
        "        if calls and not any(entry.kind is Kind.REFUSED for entry in journal if entry.phase is Phase.DO):\n"
        "            return Proceed(calls=calls)",
    ),
    Mutant(
        "branches run one after another",
        "return Proceed(calls=calls)\n        broken",
        "return Proceed(calls=calls[:1])\n        broken",
    ),
    Mutant(
        "a branch goes on after a step that failed",
        "if call or self.is_broken(step):",
        "if call:",
    ),
    Mutant(
        "a fault for good is passed over",
        "entry.kind in (Kind.REFUSED, Kind.FAULTED)\n",
        "entry.kind is Kind.REFUSED\n",
    ),
    Mutant(
        "a choice runs all of its arms",
        "return (node.arm(self._last[Phase.DO, node.of].code),)",
        "return node.arms()",
    ),
    Mutant(
        "a choice always runs the arm otherwise",
        "return (node.arm(self._last[Phase.DO, node.of].code),)",
        "return (node.otherwise,)",
    ),
    Mutant(
        "a choice asks for the name of the step",
        "return (node.arm(self._last[Phase.DO, node.of].code),)",
        "return (node.arm(node.of),)",
    ),
    Mutant(
        "a compensation calls the task of the step",
        "return self.attempt(Phase.UNDO, step.name, undo.task,",
        "return self.attempt(Phase.UNDO, step.name, step.task,",
    ),
)
