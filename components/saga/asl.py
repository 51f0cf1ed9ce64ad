"""A saga as an Amazon States Language definition: what a person who knows Step Functions would write by hand.

Forward, each step is a task state and a choice that reads its answer. Backward, one chain of compensations in reverse
order of the definition is entered where the saga broke and falls through to the record of the end. It is written in
JSONPath, which evaluates nothing that the data says.

The state of a run: `data` is what it was started with, `answer` the last step's, `results` what choices ask for,
`parallels` the last answer of every branch, `uncompensated` a list for each step, empty unless its compensation failed,
and `end` what came of it. Of the fault that broke a saga only its name is kept: a state may not exceed 256 KiB, and its
cause is in the execution's history.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from components.saga._asl_states import (
    State,
    States,
    choose,
    fail,
    is_yes,
    may_have_happened,
    pass_,
    slot,
    steps_reached,
    with_next,
)
from components.saga.decider import FAULT, Outcome
from components.saga.definition import PERSISTENT, RESERVED_NAME, Choice, Node, Parallel, Retry, Saga, SagaError, Step
from components.saga.json import canonical

MAX_BYTES = 1_048_576
"""Of a definition; Step Functions refuses a larger one."""
END_NOT_RECORDED_ERROR = "EndNotRecorded"
NOT_COMPENSATED_ERROR = "NotCompensated"
"""What a run that somebody has to look at fails with; its cause is what would have been its output."""

# The other states are called by a name of the saga's, or by one, a colon and a word: no two of them are the same.
START = "the start"
SUCCEEDED = "all succeeded"
WHAT_IS_LEFT = "what is left"
END = "the end"
OUTCOME = "the outcome"
RECORDED = "the end answered"
ENDED = "the end recorded"
NOT_RECORDED = "the end not recorded"
NOT_COMPENSATED = "not compensated"

JUST_THE_CODE: State = {"code.$": "$.Payload.code"}


def compile_asl(saga: Saga, functions: Mapping[str, str]) -> str:
    """The same text for the same saga; `functions` says for each task the ARN of its function, or of an alias of it.

    Raises SagaError for a task without a function, and for a definition that is over the limit of Step Functions.
    """
    missing = sorted(saga.tasks() - functions.keys())
    if missing:
        raise SagaError(f"saga {saga.name}: task {missing[0]} has no function; give the ARN of one for every task")
    definition = {
        "Comment": f"Saga {saga.name}",
        "QueryLanguage": "JSONPath",
        "StartAt": START,
        "States": _Chart(saga, functions).states(),
    }
    text = json.dumps(definition, indent=2) + "\n"
    if len(text) > MAX_BYTES:
        raise SagaError(
            f"saga {saga.name} is {len(text)} bytes as a definition of Step Functions; allowed are {MAX_BYTES}: "
            "split the saga, or shorten its names"
        )
    return text


@dataclass
class _Chart:
    """The states as far as they are drawn; `undoing` in order of the definition, which is the reverse of their own."""

    saga: Saga
    functions: Mapping[str, str]
    forward: States = field(default_factory=dict)
    undoing: list[States] = field(default_factory=list)

    def states(self) -> States:
        undo = WHAT_IS_LEFT if self._revocable() else END
        for node, then in with_next(self.saga.nodes, SUCCEEDED):
            undo = self._node(node, then, undo)
        return {
            START: self._start(),
            **self.forward,
            SUCCEEDED: {"Type": "Pass", "Result": {"outcome": Outcome.SUCCEEDED}, "End": True},
            **{name: state for states in reversed(self.undoing) for name, state in states.items()},
            **self._what_is_left(),
            **self._end(),
        }

    def _start(self) -> State:
        """Until a parallel has joined, every step of it may have happened."""
        parallels = {
            slot(node.name): [{"reached": len(branch)} for branch in node.branches]
            for node in self.saga.nodes
            if isinstance(node, Parallel)
        }
        uncompensated: dict[str, list[str]] = {slot(name): [] for name in self._revocable()}
        state = {"data.$": "$", "results": {}, "parallels": parallels, "uncompensated": uncompensated}
        return {"Type": "Pass", "Parameters": state, "Next": self.saga.nodes[0].name}

    def _revocable(self) -> list[str]:
        return [step.name for step in self.saga.steps() if step.compensation]

    def _node(self, node: Node, then: str, undo: str) -> str:
        """Draws a node that goes on to `then`; `undo` undoes what is before it, the answer undoes the node as well."""
        if isinstance(node, Parallel):
            return self._parallel(node, then, undo)
        if isinstance(node, Choice):
            return self._choice(node, then, undo)
        return self._sequence((node,), then, undo)

    def _sequence(self, steps: Sequence[Step], then: str, undo: str) -> str:
        for step, following in with_next(steps, then):
            before, undo = undo, self._undo(step, undo)
            self.forward |= self._step(step, then=following, nothing=before, undo=undo)
        return undo

    def _choice(self, node: Choice, then: str, undo: str) -> str:
        """Undoing asks the same question again, to find the arm that ran."""
        self.forward[node.name] = _by_result(node, [arm[0].name if arm else then for arm in node.arms()])
        undoing = [self._sequence(arm, then, undo) for arm in node.arms()]
        # Nothing leads to the undoing of what comes last, and Step Functions refuses such a state.
        if set(undoing) == {undo} or then == SUCCEEDED:
            return undo
        self.undoing.append({f"{node.name}: undo": _by_result(node, undoing)})
        return f"{node.name}: undo"

    def _parallel(self, node: Parallel, then: str, undo: str) -> str:
        """A branch always ends well, with its last answer; the first of them that is a failure becomes the saga's.

        Answers that are too large together are a fault of the parallel itself.
        """
        name, joined, faulted = node.name, f"{node.name}: joined", f"{node.name}: faulted"
        undo = self._undo_branches(node, undo)
        failed = {
            f"$.parallels.{slot(name)}[{index}]": f"{name}: {index + 1} failed" for index in range(len(node.branches))
        }
        rules = [{"Variable": f"{answer}.code", "IsNull": False, "Next": state} for answer, state in failed.items()]
        self.forward |= {
            name: {
                "Type": "Parallel",
                "Parameters": {"data.$": "$.data"},
                "Branches": [self._branch(branch, f"{name}: {n}") for n, branch in enumerate(node.branches, 1)],
                "ResultPath": f"$.parallels.{slot(name)}",
                "Catch": _catchers("$.answer", faulted),
                "Next": joined,
            },
            joined: choose(rules, then),
            **{state: pass_({"InputPath": answer, "ResultPath": "$.answer"}, undo) for answer, state in failed.items()},
            faulted: _fault(name, undo),
        }
        return undo

    def _undo_branches(self, node: Parallel, undo: str) -> str:
        for index, branch in enumerate(node.branches):
            answer = f"$.parallels.{slot(node.name)}[{index}]"
            for position, step in enumerate(branch, 1):
                reached = {"Variable": f"{answer}.reached", "NumericGreaterThanEquals": position}
                condition = reached if position < len(branch) else {"And": [reached, may_have_happened(answer)]}
                undo = self._undo(step, undo, condition)
        return undo

    def _branch(self, steps: Sequence[Step], name: str) -> State:
        """Its answers say how many of its steps were `reached`, which is what there is to undo.

        Every state that a run enters is billed, so the last step's answer is the branch's, unread: what it says of
        that step is read where the parallel has joined, and again when it is undone.
        """
        ended, last = f"{name} ended", steps[-1]
        states: States = {}
        for position, (step, then) in enumerate(with_next(steps[:-1], last.name), 1):
            nothing = f"{step.name}: did nothing" if step.compensation else ended
            states |= self._step(step, then=then, nothing=nothing, undo=ended, reached=position)
            if step.compensation:
                states[nothing] = pass_({"Result": position - 1, "ResultPath": "$.answer.reached"}, ended)
        states |= self._last_step(last, ended, len(steps))
        states[ended] = {"Type": "Succeed", "OutputPath": "$.answer"}
        return {"StartAt": steps[0].name, "States": states}

    def _last_step(self, step: Step, ended: str, reached: int) -> States:
        faulted = f"{step.name}: faulted"
        return {
            step.name: {
                **self._task(step.task, step.name, step.timeout_seconds, step.retry),
                **_caught("$.answer", self._answer(step, reached), faulted),
                "OutputPath": "$.answer",
                "End": True,
            },
            faulted: _fault(step.name, ended, reached),
        }

    def _step(self, step: Step, *, then: str, nothing: str, undo: str, reached: int | None = None) -> States:
        """A no goes to `nothing`, unless an attempt before it faulted: then, and after a fault, the step is undone."""
        answered, faulted = f"{step.name}: answered", f"{step.name}: faulted"
        keeping = self._keeping(step, then)
        rules = [is_yes("$.answer", next(iter(keeping), then))]
        if step.retry.attempts > 1 and undo != nothing:
            rules.append({"Variable": "$.answer.retries", "NumericGreaterThan": 0, "Next": undo})
        task = self._task(step.task, step.name, step.timeout_seconds, step.retry)
        return {
            step.name: {**task, **_ends("$.answer", self._answer(step, reached), answered, faulted)},
            answered: choose(rules, nothing),
            faulted: _fault(step.name, undo, reached),
            **keeping,
        }

    def _answer(self, step: Step, reached: int | None) -> State:
        return {
            "step": step.name,
            "code.$": "$.Payload.code",
            "message.$": "$.Payload.message",
            "outcome": Outcome.REJECTED if step.rejects else Outcome.FAILED,
            **steps_reached(reached),
            **({"result.$": "$.Payload.result"} if step.name in self.saga.chosen_on() else {}),
            **({"retries.$": "$$.State.RetryCount"} if step.retry.attempts > 1 or reached else {}),
        }

    def _keeping(self, step: Step, then: str) -> States:
        """Nothing, unless a choice asks for the step's result."""
        if step.name not in self.saga.chosen_on():
            return {}
        result = {"InputPath": "$.answer.result", "ResultPath": f"$.results.{slot(step.name)}"}
        return {f"{step.name}: result kept": pass_(result, then)}

    def _undo(self, step: Step, then: str, condition: State | None = None) -> str:
        """Draws the step's compensation, which goes on to `then`, behind the condition if there is one."""
        if step.compensation is None:
            return then
        undo, name = step.compensation, f"{step.name}: undo"
        answered, failed = f"{name} answered", f"{step.name}: not undone"
        task = self._task(undo.task, f"{step.name}:undo", undo.timeout_seconds, undo.retry)
        states = {f"{step.name}: reached": choose([{**condition, "Next": name}], then)} if condition else {}
        states |= {
            name: {**task, **_ends("$.undone", JUST_THE_CODE, answered, failed)},
            answered: choose([is_yes("$.undone", then)], failed),
            failed: pass_({"Result": [step.name], "ResultPath": f"$.uncompensated.{slot(step.name)}"}, then),
        }
        self.undoing.append(states)
        return next(iter(states))

    def _what_is_left(self) -> States:
        """One list of the lists that the compensations left; JSONPath can flatten lists, and append to none."""
        if not self._revocable():
            return {}
        lists = ", ".join(f"$.uncompensated.{slot(name)}" for name in self._revocable())
        collected = {"lists.$": f"States.Array({lists})"}
        return {WHAT_IS_LEFT: pass_({"Parameters": collected, "ResultPath": "$.uncompensated"}, END)}

    def _end(self) -> States:
        """The run's own status says failed where somebody has to look, and nowhere else."""
        failure = {f"{word}.$": f"$.answer.{word}" for word in ("step", "code", "message")}
        left: State = {"uncompensated.$": "$.uncompensated.lists[*][*]"} if self._revocable() else {"uncompensated": []}
        end = {"outcome.$": "$.answer.outcome", "failure": failure, **left}
        rejected, failed = f"record {Outcome.REJECTED}", f"record {Outcome.FAILED}"
        is_rejected = {"Variable": "$.end.outcome", "StringEquals": Outcome.REJECTED, "Next": rejected}
        rules = [
            {"Variable": "$.recorded.code", "IsNull": False, "Next": NOT_RECORDED},
            {"Variable": "$.end.uncompensated[0]", "IsPresent": True, "Next": NOT_COMPENSATED},
        ]
        return {
            # In place of the rest of the state, which is not asked for any more: the answer is not kept twice.
            END: pass_({"Parameters": {"data.$": "$.data", "end": end}}, OUTCOME),
            OUTCOME: choose([is_rejected], failed),
            rejected: self._record(self.saga.on_rejected),
            failed: self._record(self.saga.on_failed),
            RECORDED: choose(rules, ENDED),
            ENDED: {"Type": "Succeed", "OutputPath": "$.end"},
            NOT_RECORDED: fail(END_NOT_RECORDED_ERROR),
            NOT_COMPENSATED: fail(NOT_COMPENSATED_ERROR),
        }

    def _record(self, task: str) -> State:
        told = {"failure.$": "$.end.failure", "uncompensated.$": "$.end.uncompensated"}
        call = self._task(task, RESERVED_NAME, self.saga.end_timeout_seconds, PERSISTENT, **told)
        return {**call, **_ends("$.recorded", JUST_THE_CODE, RECORDED, NOT_RECORDED)}

    def _task(self, task: str, key: str, timeout_seconds: int, retry: Retry, **told: str) -> State:
        """The call of docs/saga.md, and its attempts; only the record of the end is `told` something."""
        payload = {
            "task": task,
            "run_id.$": "$$.Execution.Name",
            "key.$": f"States.Format('{{}}:{key}', $$.Execution.Name)",
            "attempt.$": "States.MathAdd($$.State.RetryCount, 1)",
            "data.$": "$.data",
            **told,
        }
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": self.functions[task], "Payload": payload},
            "TimeoutSeconds": int(timeout_seconds),
            **({"Retry": [_retrier(retry)]} if retry.attempts > 1 else {}),
        }


def _retrier(retry: Retry) -> State:
    """Step Functions wants a cap that is above the interval; one that is not makes every wait as long as the cap."""
    grows = retry.cap_seconds > retry.interval_seconds
    return {
        "ErrorEquals": ["States.ALL"],
        "MaxAttempts": int(retry.attempts) - 1,
        "IntervalSeconds": int(min(retry.interval_seconds, retry.cap_seconds)),
        "BackoffRate": canonical(retry.factor) if grows else 1,
        **({"MaxDelaySeconds": int(retry.cap_seconds)} if grows else {}),
    }


def _ends(path: str, answer: State, answered: str, faulted: str) -> State:
    """How a task state ends that another state goes on from."""
    return {**_caught(path, answer, faulted), "Next": answered}


def _caught(path: str, answer: State, faulted: str) -> State:
    return {"ResultSelector": answer, "ResultPath": path, "Catch": _catchers(path, faulted)}


def _catchers(path: str, then: str) -> list[State]:
    """For every error; States.ALL leaves out an answer that is too large, and has to stand alone."""
    errors = ("States.DataLimitExceeded", "States.ALL")
    return [{"ErrorEquals": [error], "ResultPath": path, "Next": then} for error in errors]


def _fault(name: str, then: str, reached: int | None = None) -> State:
    """Makes the failure of a caught error."""
    failure = {"step": name, "code": FAULT, "message.$": "$.answer.Error", "outcome": Outcome.FAILED}
    return pass_({"Parameters": {**failure, **steps_reached(reached)}, "ResultPath": "$.answer"}, then)


def _by_result(choice: Choice, targets: Sequence[str]) -> State:
    """Goes to the target of the case that has the result; the last target is for every other result."""
    *cases, otherwise = targets
    rules = [
        {"Variable": f"$.results.{slot(choice.of)}", "StringEquals": case.result, "Next": target}
        for case, target in zip(choice.cases, cases, strict=True)
    ]
    return choose(rules, otherwise)
