"""What Step Functions demands of a definition, and what the engine of the conformance suite cannot show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.saga.asl import MAX_BYTES, compile_asl
from components.saga.definition import Case, Choice, Compensation, Node, Parallel, Retry, Saga, SagaError, Step
from components.saga.order import ORDER_SAGA

States: TypeAlias = Mapping[str, dict[str, Any]]
MAX_NAME = 80
TWICE = Retry(attempts=2)
LONGEST = 63


def step(name: str, retry: Retry = TWICE, *, undo: bool = True) -> Step:
    compensation = Compensation(task=f"u-{name}"[:LONGEST], timeout_seconds=7) if undo else None
    return Step(name=name, task=f"d-{name}"[:LONGEST], timeout_seconds=5, retry=retry, compensation=compensation)


def saga(*nodes: Node) -> Saga:
    return Saga(name="all", nodes=nodes, on_rejected="record-rejected", on_failed="record-failed")


def long(name: str) -> str:
    return name.ljust(LONGEST, "x")


def everything(named: Callable[[str], str]) -> Saga:
    """Every construct, under names that are made of these."""
    first, fork = named("first"), named("fork")
    left, right = (step(named("left")), step(named("l"), undo=False)), (step(named("right")),)
    up, down = Case(result="up", steps=(step(named("up")),)), (step(named("down")), step(named("out")))
    return saga(
        step(first),
        Parallel(name=named("both"), branches=(left, right)),
        Choice(name=fork, of=first, cases=(up,)),
        step(named("third"), undo=False),
        Choice(name=named("last"), of=first, cases=(Case(result="up", steps=()),), otherwise=down),
    )


EVERYTHING = everything(long)
SAGAS = pytest.mark.parametrize(
    "saga", [EVERYTHING, ORDER_SAGA, saga(step("one", undo=False))], ids=["all", "order", "one"]
)


def arn(task: str) -> str:
    return f"arn:aws:lambda:eu-west-1:123456789012:function:{task}:live"


def compiled(saga: Saga) -> str:
    return compile_asl(saga, {task: arn(task) for task in saga.tasks()})


def machines(saga: Saga) -> Iterator[tuple[str, States]]:
    """The first state and the states of the saga itself, and of each branch."""
    definition = json.loads(compiled(saga))
    yield definition["StartAt"], definition["States"]
    for state in definition["States"].values():
        yield from ((branch["StartAt"], branch["States"]) for branch in state.get("Branches", ()))


def names(saga: Saga) -> list[str]:
    return [name for _, states in machines(saga) for name in states]


def tasks(saga: Saga) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, states in machines(saga):
        yield from ((name, state) for name, state in states.items() if state["Type"] == "Task")


def following(state: object) -> Iterator[str]:
    """Where a state can go, without what is inside of its branches."""
    if isinstance(state, dict):
        yield from (state[word] for word in ("Next", "Default") if word in state)
        for word in ("Catch", "Choices"):
            yield from following(state.get(word))
    if isinstance(state, list):
        for each in state:
            yield from following(each)


def retrier(**fields: float) -> object:
    definition = json.loads(compiled(saga(step("one", Retry(**fields)))))  # type: ignore[arg-type]
    return definition["States"]["one"].get("Retry")


def test_the_same_saga_has_the_same_text() -> None:
    whole, fraction = Retry(factor=2, interval_seconds=3), Retry(factor=2.0, interval_seconds=3)
    assert compiled(saga(step("one", whole))) == compiled(saga(step("one", fraction)))
    assert compiled(ORDER_SAGA) == compiled(replace(ORDER_SAGA))


def test_it_says_in_which_language_its_paths_are() -> None:
    assert json.loads(compiled(ORDER_SAGA))["QueryLanguage"] == "JSONPath"


@SAGAS
def test_names_of_states_are_unique_and_short_enough(saga: Saga) -> None:
    assert len(set(names(saga))) == len(names(saga))
    assert [name for name in names(saga) if len(name) > MAX_NAME] == []


def test_the_longest_name_of_a_parallel_leaves_room_for_what_is_made_of_it() -> None:
    branches = tuple((step(f"s{number}"),) for number in range(10))
    assert max(map(len, names(saga(Parallel(name="p" * LONGEST, branches=branches))))) <= MAX_NAME


def everywhere(start: str, states: States) -> set[str]:
    """What the state leads to, by itself or by others."""
    reached, open_ends = {start}, [start]
    while open_ends:
        targets = set(following(states[open_ends.pop()])) - reached
        reached |= targets
        open_ends += targets
    return reached


@SAGAS
def test_something_leads_to_every_state(saga: Saga) -> None:
    for start, states in machines(saga):
        assert everywhere(start, states) == set(states)


WORDS = sorted({word for name in names(everything(str)) for word in re.findall("[a-z]+", name)} - {"end"})
"""What the names of states are made of; "end" is no step's name."""


@given(words=st.permutations(WORDS))
@settings(deadline=None)
def test_no_name_of_a_step_is_taken_for_a_state_of_another(words: list[str]) -> None:
    """One step more or less would be a state that was overwritten."""
    drawn: dict[str, str] = {}
    awkward = everything(lambda name: drawn.setdefault(name, words[len(drawn)]))
    found = names(awkward)
    assert len(set(found)) == len(found) == len(names(everything(str)))
    for start, states in machines(awkward):
        assert everywhere(start, states) == set(states)


@SAGAS
def test_every_task_has_a_timeout_and_catches_everything(saga: Saga) -> None:
    for name, task in tasks(saga):
        assert task["TimeoutSeconds"] > 0, name
        assert [catch["ErrorEquals"] for catch in task["Catch"]] == [["States.DataLimitExceeded"], ["States.ALL"]], name


def test_every_task_has_the_timeout_of_its_definition() -> None:
    timeouts = {name: task["TimeoutSeconds"] for name, task in tasks(saga(step("one")))}
    assert timeouts == {"one": 5, "one: undo": 7, "record rejected": 30, "record failed": 30}


@SAGAS
def test_every_task_calls_the_function_of_its_own(saga: Saga) -> None:
    for name, task in tasks(saga):
        call = task["Parameters"]
        assert call["FunctionName"] == arn(call["Payload"]["task"]), name


def test_a_branch_catches_its_own_errors_and_ends_well() -> None:
    _, *branches = machines(EVERYTHING)
    assert len(branches) == 2
    for _, states in branches:
        assert {target for state in states.values() for target in following(state)} <= set(states)
        assert {state["Type"] for state in states.values()} <= {"Task", "Choice", "Pass", "Succeed"}


def test_what_an_answer_may_lack_is_asked_for_before_it_is_read() -> None:
    """Nothing catches the error of a path that leads nowhere: the run would end with nothing undone."""
    (_, states), *_ = machines(ORDER_SAGA)
    (rule,) = states["notify-warehouse: reached"]["Choices"]
    of_the_branch = "$.parallels.fulfilment[2]"
    assert [one["Variable"] for one in rule["And"][1]["Or"]] == [
        f"{of_the_branch}.retries",
        f"{of_the_branch}.code",
        f"{of_the_branch}.retries",
    ]
    assert rule["And"][1]["Or"][0]["IsPresent"] is False


def forward(states: States, name: str) -> Iterator[str]:
    """The states of a run that nothing goes wrong in; a choice's first rule is for a yes, a parallel's for a no."""
    while True:
        yield name
        for branch in states[name].get("Branches", ()):
            yield from forward(branch["States"], branch["StartAt"])
        if states[name].get("End"):
            return
        is_answer = name.endswith(": answered")
        name = states[name]["Choices"][0]["Next"] if is_answer else next(following(states[name]))


def test_a_run_enters_two_states_for_a_step_and_one_for_the_last_of_a_branch() -> None:
    """Each is billed in a standard run."""
    (start, states), *_ = machines(ORDER_SAGA)
    assert list(forward(states, start)) == [
        "the start",
        *("validate-order", "validate-order: answered"),
        *("reserve-inventory", "reserve-inventory: answered"),
        *("process-payment", "process-payment: answered"),
        *("fulfilment", "commit-inventory", "send-confirmation", "notify-warehouse", "fulfilment: joined"),
        *("complete-order", "complete-order: answered"),
        "all succeeded",
    ]


def test_a_parallel_that_fails_as_a_whole_undoes_every_step_of_it() -> None:
    """Answers may be too large together; then nobody knows how far its branches came."""
    (_, states), *_ = machines(everything(str))
    catches = states["both"]["Catch"]
    assert [catch["ErrorEquals"] for catch in catches] == [["States.DataLimitExceeded"], ["States.ALL"]]
    assert {catch["ResultPath"] for catch in catches} == {"$.answer"}
    (faulted,) = {catch["Next"] for catch in catches}
    failure = {"step": "both", "code": "fault", "message.$": "$.answer.Error", "outcome": "failed"}
    assert states[faulted]["Parameters"] == failure
    assert states[faulted]["Next"] == "right: reached"
    assert {"right: undo", "left: undo", "first: undo"} <= everywhere(faulted, states)
    assert states["the start"]["Parameters"]["parallels"] == {"both": [{"reached": 2}, {"reached": 1}]}


def test_nothing_of_a_step_is_in_an_expression_but_its_name() -> None:
    """The data and the answers of tasks are moved by paths; what is evaluated is written by the compiler alone."""
    expressions = set(re.findall(r'"(States\.[A-Z][A-Za-z]+\(.*?\))"', compiled(saga(step("one")))))
    assert expressions == {
        "States.MathAdd($$.State.RetryCount, 1)",
        "States.Format('{}:one', $$.Execution.Name)",
        "States.Format('{}:one:undo', $$.Execution.Name)",
        "States.Format('{}:end', $$.Execution.Name)",
        "States.Array($.uncompensated.one)",
        "States.JsonToString($.end)",
    }


def test_attempts_are_written_as_retries() -> None:
    assert retrier(attempts=3, interval_seconds=2, factor=1.5, cap_seconds=60) == [
        {
            "ErrorEquals": ["States.ALL"],
            "MaxAttempts": 2,
            "IntervalSeconds": 2,
            "BackoffRate": 1.5,
            "MaxDelaySeconds": 60,
        }
    ]


def test_a_step_that_is_attempted_once_has_no_retry() -> None:
    assert retrier(attempts=1) is None


@pytest.mark.parametrize("cap_seconds", [1, 4])
def test_a_cap_that_is_not_above_the_interval_is_the_interval(cap_seconds: int) -> None:
    assert retrier(attempts=2, interval_seconds=4, factor=2, cap_seconds=cap_seconds) == [
        {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "IntervalSeconds": cap_seconds, "BackoffRate": 1}
    ]


def test_a_task_without_a_function_is_refused() -> None:
    functions = {task: arn(task) for task in ORDER_SAGA.tasks() - {"restock"}}
    with pytest.raises(SagaError, match="saga order: task restock has no function; give the ARN of one for every task"):
        compile_asl(ORDER_SAGA, functions)


def test_a_definition_that_is_too_large_is_refused() -> None:
    functions = dict.fromkeys(ORDER_SAGA.tasks(), "arn:" + "x" * (MAX_BYTES // len(ORDER_SAGA.tasks())))
    with pytest.raises(SagaError, match=rf"saga order is \d+ bytes .* allowed are {MAX_BYTES}: split the saga"):
        compile_asl(ORDER_SAGA, functions)
