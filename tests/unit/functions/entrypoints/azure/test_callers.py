"""An app is called by those that it was told of, and by nobody else whatever their headers say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.messages import Request
from functions.api.problems import ProblemError
from functions.entrypoints.azure.callers import PRINCIPAL, check
from functions.environment import Environment, Variable
from tests.unit.functions.entrypoints.azure.calls import ANOTHER, CALLER, ENVIRONMENT, posted


@pytest.mark.parametrize("caller", [CALLER, ANOTHER, CALLER.upper(), CALLER.lower()])
def test_whoever_was_granted_it_may_call(caller: str) -> None:
    check(posted(b"", caller=caller), ENVIRONMENT)


@pytest.mark.parametrize(
    "caller",
    [
        None,
        "",
        " ",
        ",",
        "*",
        f"{CALLER}, {CALLER}",
        f"{CALLER},{ANOTHER}",
        f" {CALLER}",
        f"{CALLER}\x00",
        f"{CALLER}/",
        CALLER[:-1],
        CALLER.replace("-", ""),
        f"{{{CALLER}}}",
        "4f3c1d2e-0000-4000-8000-00000000000c",
    ],
)
def test_everybody_else_is_refused(caller: str | None) -> None:
    with pytest.raises(ProblemError) as refused:
        check(posted(b"", caller=caller), ENVIRONMENT)
    assert (refused.value.type.status, refused.value.type.code) == (403, "unknown-caller")
    assert CALLER not in str(refused.value)


@pytest.mark.parametrize("told", [None, "", " ", ",", " , "])
@pytest.mark.parametrize("caller", [None, "", CALLER])
def test_an_app_that_was_told_of_nobody_refuses_everybody(told: str | None, caller: str | None) -> None:
    environment = Environment({} if told is None else {Variable.CALLERS: told})
    with pytest.raises(ProblemError):
        check(posted(b"", caller=caller), environment)


@pytest.mark.parametrize(
    "header", ["x-ms-client-principal", "x-ms-client-principal-name", "x_ms_client_principal_id", "authorization"]
)
def test_no_other_header_says_who_calls(header: str) -> None:
    request = Request(method="POST", path="/", headers={header: CALLER})
    with pytest.raises(ProblemError):
        check(request, ENVIRONMENT)


@given(st.text())
def test_whatever_the_header_says_it_is_a_caller_or_refused(value: str) -> None:
    if value.lower() in (CALLER, ANOTHER):
        return
    with pytest.raises(ProblemError):
        check(Request(method="POST", path="/", headers={PRINCIPAL: value}), ENVIRONMENT)
