"""What Google bills of a run, by workflows of a few steps whose bill is plain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.saga.order import ORDER_SAGA
from tests.conformance.saga.case import Case
from tests.conformance.saga.engines.workflows import Workflows
from tests.conformance.saga.world import World


@pytest.fixture(scope="module")
def engine() -> Iterator[Workflows]:
    with Workflows() as engine:
        yield engine


def billed(engine: Workflows, *steps: dict[str, Any]) -> dict[str, int]:
    """No call of these workflows is one that a service takes: each is answered as a fault."""
    engine._server.begin(World(Case(saga=ORDER_SAGA), "run-1"), {})
    main = {"params": ["input"], "steps": list(steps)}
    found: dict[str, int] = engine._execute(json.dumps({"main": main}), {"run_id": "run-1"})["steps"]
    return found


def attempts_at(url: str) -> dict[str, Any]:
    post = {
        "call": "http.post",
        "args": {"url": url, "auth": {"type": "OIDC", "audience": url}, "timeout": 30, "body": {}},
    }
    given_up = {"as": "error", "steps": [{"no": {"return": "no"}}]}
    return {"ask": {"try": post, "retry": {"max_retries": 2}, "except": given_up}}


def test_each_variable_that_is_assigned_is_a_step(engine: Workflows) -> None:
    assigned = {"begin": {"assign": [{"a": 1}, {"b": 2}, {"c": 3}]}}
    assert billed(engine, assigned, {"end": {"return": "${a}"}}) == {"internal": 3 + 1}


def test_each_condition_is_a_step_up_to_the_first_that_holds(engine: Workflows) -> None:
    asked = {"asked": {"switch": [{"condition": f"${{1 == {number}}}", "next": "end"} for number in (2, 1, 3)]}}
    assert billed(engine, asked) == {"internal": 2}
    none = {"asked": {"switch": [{"condition": f"${{1 == {number}}}", "next": "end"} for number in (2, 3, 4)]}}
    assert billed(engine, none) == {"internal": 3}


def test_each_attempt_at_a_service_of_googles_is_an_internal_step(engine: Workflows) -> None:
    assert billed(engine, attempts_at("https://orders.a.run.app")) == {"internal": 3 + 1}


def test_each_attempt_at_anybody_elses_is_an_external_step(engine: Workflows) -> None:
    assert billed(engine, attempts_at("https://pay.example")) == {"external": 3, "internal": 1}


def test_branches_and_what_is_in_them_are_steps(engine: Workflows) -> None:
    branches = [{f"branch_{each}": {"steps": [{f"set_{each}": {"assign": [{each: 1}]}}]}} for each in "ab"]
    assert billed(engine, {"both": {"parallel": {"branches": branches}}}) == {"internal": 1 + 2}


def test_the_bill_of_a_run_has_nothing_of_the_run_before(engine: Workflows) -> None:
    end = {"end": {"return": 1}}
    assert billed(engine, end) == billed(engine, end) == {"internal": 1}
