from __future__ import annotations

import pytest

from functions.api.messages import Request
from functions.api.trace import request_id, trace_id

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_a_traceparent_names_its_trace() -> None:
    assert trace_id(PARENT) == TRACE


def test_a_later_version_may_carry_more() -> None:
    assert trace_id(f"cc-{TRACE}-00f067aa0ba902b7-01-what-comes-next") == TRACE


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        PARENT.upper(),
        f"{PARENT}\n",
        f"{PARENT}-more",
        f"ff{PARENT[2:]}",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-00f067aa0ba902b7",
        f"00-{TRACE[1:]}-00f067aa0ba902b7-01",
    ],
)
def test_a_malformed_traceparent_names_none(malformed: str) -> None:
    assert trace_id(malformed) is None


def test_the_callers_id_comes_before_the_platforms_and_that_before_the_traceparents() -> None:
    headers = {"traceparent": PARENT, "x-request-id": "mine"}
    assert request_id(Request(method="GET", path="/", headers=headers, trace_id="platform")) == "mine"
    del headers["x-request-id"]
    assert request_id(Request(method="GET", path="/", headers=headers, trace_id="platform")) == "platform"
    assert request_id(Request(method="GET", path="/", headers=headers, trace_id="1;drop")) == TRACE
