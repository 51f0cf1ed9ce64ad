"""Every compiled saga keeps to what Google publishes, and the lint would notice one that does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from components.saga.definition import Case as Arm
from components.saga.definition import Choice, Parallel, Saga
from components.saga.order import ORDER_SAGA
from components.saga.workflows import compile_workflow
from tests.conformance.saga.strategies import sagas
from tests.conformance.saga.test_rules import LEFT, RIGHT, A, B, C, saga, step
from tests.conformance.saga.workflows_expressions import problem_of
from tests.conformance.saga.workflows_lint import problems

Document = dict[str, Any]


def source(saga: Saga) -> str:
    return compile_workflow(saga, {task: f"https://{task}.example.run.app" for task in saga.tasks()})


@given(sagas())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_compiled_saga_keeps_to_the_published_form(saga: Saga) -> None:
    assert problems(source(saga)) == []


def test_the_order_saga_keeps_to_the_published_form() -> None:
    assert problems(source(ORDER_SAGA)) == []


EVERYTHING = saga(
    A,
    B,
    Parallel(name="both", branches=((LEFT, step("left-2")), (RIGHT,))),
    Choice(name="fork", of="a", cases=(Arm(result="yes", steps=(C,)), Arm(result="no", steps=())), otherwise=()),
)
"""In which there is a step of every kind."""


def find(document: object, name: str) -> Document:
    """The step of this name, wherever it is."""
    if isinstance(document, dict):
        if name in document and isinstance(document[name], dict):
            step: Document = document[name]
            return step
        document = list(document.values())
    if isinstance(document, list):
        return next(filter(None, (find(item, name) for item in document)), {})
    return {}


def branch(document: Document, number: int) -> list[Document]:
    steps: list[Document] = find(document, f"branch_{number}_of_both")["steps"]
    return steps


def deep(document: Document) -> None:
    for number in range(20):
        call = {"call": f"sub_{number + 1}", "args": {}}
        document[f"sub_{number}"] = {"steps": [{"go": call}]}
    document["sub_20"] = {"steps": [{"go": {"return": 1}}]}
    document["main"]["steps"].append({"deep": {"call": "sub_0", "args": {}}})


def nested(document: Document) -> None:
    inner: Document = {"parallel": {"shared": [], "branches": [{"b1": {"steps": [{"s1": {"raise": "no"}}]}}]}}
    for number in range(2, 4):
        steps = [{f"p{number}": inner}]
        inner = {"parallel": {"shared": [], "branches": [{f"b{number}": {"steps": steps}}]}}
    document["main"]["steps"].append({"p4": inner})


BROKEN: dict[str, tuple[Callable[[Document], object], str]] = {
    "another key in a workflow": (lambda d: d["undo"].update(retry={}), "undo has ['params', 'retry', 'steps']"),
    "two parameters of main": (lambda d: d["main"]["params"].append("more"), "main has more than one parameter"),
    "eleven parameters": (lambda d: d["undo"]["params"].extend("abcd"), "undo: 11 in params"),
    "a step of no kind": (lambda d: d["main"]["steps"].append({"x": {"wait": 1}}), "main, x: a step has ['wait']"),
    "a key too many in a step": (lambda d: find(d, "begin").update(result="a"), "a step has ['assign', 'result']"),
    "a try without an except": (lambda d: find(d, "attempt").pop("except"), "perform, attempt: a step has ['try']"),
    "a policy of retries": (lambda d: find(d, "attempt").update(retry="${http.default_retry}"), "a step has ['except'"),
    "a try that is a list": (lambda d: find(d, "attempt")["try"].update(next="wait"), "a try has ['next', 'steps']"),
    "an empty block": (lambda d: branch(d, 1).clear(), "a block has no step, or more than one name for one"),
    "two names for a step": (
        lambda d: d["main"]["steps"][0].update(x={}),
        "a block has no step, or more than one name",
    ),
    "a name twice": (
        lambda d: branch(d, 2).append({"do_a": {"assign": [{"did_right": 1}]}}),
        "main: step do_a is there twice",
    ),
    "a jump to nowhere": (lambda d: find(d, "again").update(next="x"), "goes on at x, which is no step of its block"),
    "a jump out of a block": (
        lambda d: branch(d, 1).append({"x": {"assign": [{"y": 1}], "next": "failed"}}),
        "main, x: goes on at failed, which is no step of its block",
    ),
    "a conditional jump to nowhere": (
        lambda d: find(d, "how_to_end")["switch"][0].update(next="x"),
        "main, how_to_end: goes on at x",
    ),
    "a branch that ends all": (
        lambda d: branch(d, 2).append({"x": {"assign": [{"y": 1}], "next": "end"}}),
        "main, x: a branch ends the workflow",
    ),
    "a branch that returns": (lambda d: branch(d, 1).append({"x": {"return": 1}}), "main, x: a branch returns"),
    "a branch that may return": (
        lambda d: branch(d, 1).append({"x": {"switch": [{"condition": True, "return": 1}]}}),
        "main, x: a branch returns",
    ),
    "fifty-one assignments": (
        lambda d: find(d, "begin")["assign"].extend([{"a": 1}] * 50),
        "in assign",
    ),
    "fifty-one conditions": (
        lambda d: find(d, "check_a").update(switch=find(d, "check_a")["switch"] * 51),
        "main, check_a: 51 in switch",
    ),
    "eleven branches": (
        lambda d: find(d, "do_both")["parallel"]["branches"].extend(
            {f"x{n}": {"steps": [{f"y{n}": {"raise": "no"}}]}} for n in range(9)
        ),
        "main, do_both: 11 in branches",
    ),
    "a condition with two ends": (
        lambda d: find(d, "check_a")["switch"][0].update({"return": 1}),
        "a condition has ['condition', 'next', 'return']",
    ),
    "a condition that assigns": (
        lambda d: find(d, "check_a").update(switch=[{"condition": True, "assign": []}]),
        "a condition has ['assign', 'condition']",
    ),
    "a parallel with a policy": (
        lambda d: find(d, "do_both")["parallel"].update(exception_policy="stop"),
        "a parallel has ['branches', 'exception_policy', 'shared']",
    ),
    "a variable that is shared too early": (
        lambda d: find(d, "do_both")["parallel"]["shared"].append("failed"),
        "failed is shared and was not there before",
    ),
    "a variable that is not shared": (
        lambda d: find(d, "do_both")["parallel"]["shared"].remove("did_left_2"),
        "did_left_2 is written in a branch and not shared",
    ),
    "a variable of two branches": (
        lambda d: find(d, "do_right").update(result="did_left"),
        "did_left is written in two branches",
    ),
    "an assigned variable of two branches": (
        lambda d: branch(d, 2).append({"x": {"assign": [{"did_left.code": 1}]}}),
        "did_left is written in two branches",
    ),
    "parallels in each other": (nested, "main, p2: parallels are too deep in each other"),
    "a loop over a range": (
        lambda d: find(d, "look")["for"].update(range=[1, 2]),
        "a loop has ['in', 'range', 'steps', 'value']",
    ),
    "an argument too few": (
        lambda d: find(d, "do_a")["args"].pop("url"),
        "perform is called with ['answer', 'body', 'rejects'",
    ),
    "an argument too many": (
        lambda d: find(d, "do_a")["args"].update(x=1),
        "perform is called with ['answer', 'body', 'rejects'",
    ),
    "a call of nothing": (lambda d: find(d, "wait").update(call="sys.wait"), "sys.wait is called with ['seconds']"),
    "an argument that http.post has not": (
        lambda d: find(d, "post")["args"].update(retry=1),
        "http.post is called with ['auth', 'body', 'retry', 'timeout', 'url']",
    ),
    "no token": (lambda d: find(d, "post")["args"].update(auth={"type": "OAuth2"}), "http.post has auth"),
    "the token of another service": (
        lambda d: find(d, "post")["args"]["auth"].update(audience="https://x"),
        "http.post has auth",
    ),
    "a timeout that is too long": (
        lambda d: find(d, "post")["args"].update(timeout=1801),
        "perform, post: http.post has timeout 1801",
    ),
    "a variable with a hyphen": (lambda d: find(d, "do_a").update(result="did-a"), "did-a is no variable"),
    "a field of nothing": (
        lambda d: find(d, "begin")["assign"].append({"nobody.code": 1}),
        "nobody.code is a field of nothing",
    ),
    "an unknown variable": (lambda d: find(d, "ended").update({"return": "${nobody}"}), "nobody is no variable"),
    "a variable of an except": (
        lambda d: find(d, "faulted").update({"return": "${error}"}),
        "perform, faulted: ${error}: error is no variable that is there",
    ),
    "a variable of a loop": (
        lambda d: d["first_failure"]["steps"].append({"x": {"return": "${answer}"}}),
        "first_failure, x: ${answer}: answer is no variable that is there",
    ),
    "text around an expression": (
        lambda d: find(d, "alarm")["raise"].update(message="it is ${outcome}"),
        "it is ${outcome}: text around an expression",
    ),
    "a long expression": (
        lambda d: find(d, "ended").update({"return": '${"' + "a" * 400 + '"}'}),
        "an expression has 405 characters",
    ),
    "a long string": (lambda d: find(d, "ended").update({"return": "a" * 262_145}), "a string has 262145 bytes"),
    "calls in a circle": (
        lambda d: (
            d["perform"]["steps"].append({"x": {"call": "first_failure", "args": {"answers": []}}})
            or d["first_failure"]["steps"].append({"y": {"call": "perform", "args": {}}})
        ),
        "perform > first_failure > perform are too deep",
    ),
    "calls that are too deep": (deep, "sub_18 > sub_19 are too deep"),
}


@pytest.mark.parametrize(("breaking", "message"), BROKEN.values(), ids=BROKEN)
def test_a_source_of_another_form_is_noticed(breaking: Callable[[Document], object], message: str) -> None:
    document = json.loads(source(EVERYTHING))
    breaking(document)
    found = problems(json.dumps(document))
    assert any(message in problem for problem in found), found


def test_a_source_that_is_too_long_is_noticed() -> None:
    assert problems(source(EVERYTHING) + " " * 131_072)[0].startswith("the source has 1")


def test_what_is_broken_was_whole() -> None:
    assert problems(source(EVERYTHING)) == []


@pytest.mark.parametrize(
    "expression",
    [
        "a",
        "a.b[0].c",
        'a["key"]',
        "a[b - 1]",
        "-a + 1.5 * (b // 2) % 3",
        "not a.b and b or a == null",
        '"x" in a',
        'a in ["x", "y"]',
        'list.concat(a, "say \\"no\\"")',
        'default(map.get(a, "b"), [])',
        "len(a) > 0",
    ],
)
def test_an_expression_of_the_grammar_is_one(expression: str) -> None:
    assert problem_of(f"${{{expression}}}", {"a", "b"}) == ""


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", "it ends too soon"),
        ("a b", "b is one too many"),
        ("a +", "it ends too soon"),
        ("a + * b", "* is no operand"),
        ("a and or b", "or is no operand"),
        ("(a", "it ends too soon"),
        ("(a]", "] is where ) has to be"),
        ("a.", "it ends too soon"),
        ("a.1", "1 is no name"),
        ("a[0", "it ends too soon"),
        ("c", "c is no variable that is there"),
        ("'x'", "' is in no expression"),
        ("{}", "{ is in no expression"),
        ("a ? b : c", "? is in no expression"),
        ("a ** b", "* is no operand"),
        ("[x * 2 for x in a]", "x is no variable that is there"),
        ("a if b else a", "if is one too many"),
        ("str(a)", "there is no function str of 1 arguments"),
        ("len(a, b)", "there is no function len of 2 arguments"),
        ("list.append(a, b)", "there is no function list.append of 2 arguments"),
        ("http.post(a)", "http is no variable that is there"),
        ("a}${b", "} is in no expression"),
    ],
)
def test_an_expression_of_another_language_is_none(expression: str, problem: str) -> None:
    assert problem_of(f"${{{expression}}}", {"a", "b"}) == problem
