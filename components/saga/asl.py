"""A saga as an Amazon States Language definition: what a person who knows Step Functions would write by hand.

Forward, each step is a task state and a choice that reads its answer. Backward, one chain of compensations in reverse
order of the definition is entered where the saga broke and falls through to the record of the end. It is written in
JSONPath, which evaluates nothing that the data says.

The state of a run: `data` is what it was started with, `answer` the last step's, `results` what choices ask for,
`parallels` the last answer of every branch, `uncompensated` the steps whose compensation failed, and `end` what came
of it. Of the fault that broke a saga only its name is kept: a state may not exceed 256 KiB, and its cause is in the
execution's history.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from components.saga.decider import FAULT, Outcome
from components.saga.definition import PERSISTENT, RESERVED_NAME, Choice, Node, Parallel, Retry, Saga, SagaError, Step

MAX_BYTES = 1_048_576
"""Of a definition; Step Functions refuses a larger one."""
END_NOT_RECORDED_ERROR = "EndNotRecorded"
NOT_COMPENSATED_ERROR = "NotCompensated"
"""What a run that somebody has to look at fails with; its cause is what would have been its output."""

N = TypeVar("N", bound=Node)
State: TypeAlias = dict[str, Any]
States: TypeAlias = dict[str, State]

# Names of steps have no space in them, so these and the names made of a step's are no step's.
START = "the start"
SUCCEEDED = "all succeeded"
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
        undo = END
        for node, then in _with_next(self.saga.nodes, SUCCEEDED):
            undo = self._node(node, then, undo)
        return {
            START: self._start(),
            **self.forward,
            SUCCEEDED: {"Type": "Pass", "Result": {"outcome": Outcome.SUCCEEDED}, "End": True},
            **{name: state for states in reversed(self.undoing) for name, state in states.items()},
            **self._end(),
        }

    def _start(self) -> State:
        state = {"data.$": "$", "results": {}, "parallels": {}, "uncompensated": {}}
        return {"Type": "Pass", "Parameters": state, "Next": self.saga.nodes[0].name}

    def _node(self, node: Node, then: str, undo: str) -> str:
        """Draws a node that goes on to `then`; `undo` undoes what is before it, the answer undoes the node as well."""
        if isinstance(node, Parallel):
            return self._parallel(node, then, undo)
        if isinstance(node, Choice):
            return self._choice(node, then, undo)
        return self._sequence((node,), then, undo)

    def _sequence(self, steps: Sequence[Step], then: str, undo: str) -> str:
        for step, following in _with_next(steps, then):
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
        self.undoing.append({f"undo {node.name}": _by_result(node, undoing)})
        return f"undo {node.name}"

    def _parallel(self, node: Parallel, then: str, undo: str) -> str:
        """A branch always ends well, with its last answer; the first of them that is a failure becomes the saga's."""
        answers = {f"$.parallels.{node.name}[{index}]": branch for index, branch in enumerate(node.branches)}
        for answer, branch in answers.items():
            for position, step in enumerate(branch, 1):
                undo = self._undo(step, undo, {"Variable": f"{answer}.reached", "NumericGreaterThanEquals": position})
        failed = {answer: f"{node.name} {number} failed" for number, answer in enumerate(answers, 1)}
        self.forward[node.name] = {
            "Type": "Parallel",
            "Parameters": {"data.$": "$.data"},
            "Branches": [self._branch(branch, f"{node.name} {n} ended") for n, branch in enumerate(node.branches, 1)],
            "ResultPath": f"$.parallels.{node.name}",
            "Next": f"{node.name} joined",
        }
        rules = [{"Variable": f"{answer}.code", "IsNull": False, "Next": name} for answer, name in failed.items()]
        self.forward[f"{node.name} joined"] = _choose(rules, then)
        for answer, name in failed.items():
            self.forward[name] = {"Type": "Pass", "InputPath": answer, "ResultPath": "$.answer", "Next": undo}
        return undo

    def _branch(self, steps: Sequence[Step], ended: str) -> State:
        """Its answers say how many of its steps were `reached`, which is what there is to undo."""
        states: States = {}
        for position, (step, then) in enumerate(_with_next(steps, ended), 1):
            nothing = f"{step.name} did nothing" if step.compensation else ended
            states |= self._step(step, then=then, nothing=nothing, undo=ended, reached=position)
            if step.compensation:
                states[nothing] = _pass({"Result": position - 1, "ResultPath": "$.answer.reached"}, ended)
        states[ended] = {"Type": "Succeed", "OutputPath": "$.answer"}
        return {"StartAt": steps[0].name, "States": states}

    def _step(self, step: Step, *, then: str, nothing: str, undo: str, **reached: int) -> States:
        """A no goes to `nothing`, unless an attempt before it faulted: then, and after a fault, the step is undone."""
        name, answered, faulted = step.name, f"{step.name} answered", f"{step.name} faulted"
        answer: State = {"step": name, "code.$": "$.Payload.code", "message.$": "$.Payload.message"}
        answer |= {"outcome": Outcome.REJECTED if step.rejects else Outcome.FAILED, **reached}
        fault = {"step": name, "code": FAULT, "message.$": "$.answer.Error", "outcome": Outcome.FAILED, **reached}
        rules: list[State] = []
        kept: States = {}
        if name in self.saga.chosen_on():
            answer["result.$"] = "$.Payload.result"
            kept[f"{name} result kept"] = _pass(
                {"InputPath": "$.answer.result", "ResultPath": f"$.results.{name}"}, then
            )
            then = f"{name} result kept"
        if step.retry.attempts > 1 and undo != nothing:
            answer["retries.$"] = "$$.State.RetryCount"
            rules = [{"Variable": "$.answer.retries", "NumericGreaterThan": 0, "Next": undo}]
        task = self._task(step.task, name, step.timeout_seconds, step.retry)
        return {
            name: {**task, **_ends("$.answer", answer, answered, faulted)},
            answered: _choose([_is_yes("$.answer", then), *rules], nothing),
            faulted: _pass({"Parameters": fault, "ResultPath": "$.answer"}, undo),
            **kept,
        }

    def _undo(self, step: Step, then: str, condition: State | None = None) -> str:
        """Draws the step's compensation, which goes on to `then`, behind the condition if there is one."""
        if step.compensation is None:
            return then
        undo, name = step.compensation, f"undo {step.name}"
        answered, failed = f"{name} answered", f"{step.name} not undone"
        task = self._task(undo.task, f"{step.name}:undo", undo.timeout_seconds, undo.retry)
        states = {f"{step.name} reached": _choose([{**condition, "Next": name}], then)} if condition else {}
        states |= {
            name: {**task, **_ends("$.undone", JUST_THE_CODE, answered, failed)},
            answered: _choose([_is_yes("$.undone", then)], failed),
            failed: _pass({"Result": True, "ResultPath": f"$.uncompensated.{step.name}"}, then),
        }
        self.undoing.append(states)
        return next(iter(states))

    def _end(self) -> States:
        """The run's own status says failed where somebody has to look, and nowhere else."""
        failure = {f"{word}.$": f"$.answer.{word}" for word in ("step", "code", "message")}
        end = {"outcome.$": "$.answer.outcome", "failure": failure, "uncompensated.$": "$.uncompensated"}
        rejected, failed = f"record {Outcome.REJECTED}", f"record {Outcome.FAILED}"
        rules = [{"Variable": "$.recorded.code", "IsNull": False, "Next": NOT_RECORDED}]
        revocable = [f"$.uncompensated.{step.name}" for step in self.saga.steps() if step.compensation]
        if revocable:
            rules.append({"Or": [{"Variable": path, "IsPresent": True} for path in revocable], "Next": NOT_COMPENSATED})
        return {
            END: _pass({"Parameters": end, "ResultPath": "$.end"}, OUTCOME),
            OUTCOME: _choose(
                [{"Variable": "$.end.outcome", "StringEquals": Outcome.REJECTED, "Next": rejected}], failed
            ),
            rejected: self._record(self.saga.on_rejected),
            failed: self._record(self.saga.on_failed),
            RECORDED: _choose(rules, ENDED),
            ENDED: {"Type": "Succeed", "OutputPath": "$.end"},
            NOT_RECORDED: _fail(END_NOT_RECORDED_ERROR),
            **({NOT_COMPENSATED: _fail(NOT_COMPENSATED_ERROR)} if revocable else {}),
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
        "BackoffRate": _canonical(retry.factor) if grows else 1,
        **({"MaxDelaySeconds": int(retry.cap_seconds)} if grows else {}),
    }


def _canonical(number: float) -> float:
    """2 and 2.0 are the same number, so they are written the same."""
    return number if number % 1 else int(number)


def _ends(path: str, answer: State, answered: str, faulted: str) -> State:
    """How a task state ends; States.ALL leaves out an answer that is too large, and has to stand alone."""
    errors = ("States.DataLimitExceeded", "States.ALL")
    return {
        "ResultSelector": answer,
        "ResultPath": path,
        "Catch": [{"ErrorEquals": [error], "ResultPath": path, "Next": faulted} for error in errors],
        "Next": answered,
    }


def _is_yes(answer: str, then: str) -> State:
    return {"Variable": f"{answer}.code", "IsNull": True, "Next": then}


def _by_result(choice: Choice, targets: Sequence[str]) -> State:
    """Goes to the target of the case that has the result; the last target is for every other result."""
    *cases, otherwise = targets
    rules = [
        {"Variable": f"$.results.{choice.of}", "StringEquals": case.result, "Next": target}
        for case, target in zip(choice.cases, cases, strict=True)
    ]
    return _choose(rules, otherwise)


def _choose(rules: Sequence[State], otherwise: str) -> State:
    return {"Type": "Choice", "Choices": list(rules), "Default": otherwise}


def _pass(fields: State, then: str) -> State:
    return {"Type": "Pass", **fields, "Next": then}


def _fail(error: str) -> State:
    return {"Type": "Fail", "Error": error, "CausePath": "States.JsonToString($.end)"}


def _with_next(nodes: Sequence[N], then: str) -> Iterator[tuple[N, str]]:
    """Each with the name of the one after it; after the last one comes `then`."""
    return zip(nodes, [*(node.name for node in nodes[1:]), then], strict=False)
