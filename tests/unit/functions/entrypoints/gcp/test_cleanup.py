"""A schedule's call is meant for a moment, whenever it comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.api.messages import Request
from functions.api.problems import ProblemError
from functions.entrypoints.gcp.cleanup import cleanup, due
from tests.unit.functions.entrypoints.gcp.calls import posted
from tests.unit.functions.orders import NOON


def test_a_call_that_comes_late_is_for_when_it_was_due() -> None:
    call = posted(b"", x_cloudscheduler_scheduletime="2026-01-02T11:00:00.000000Z")
    assert due(call, NOON) == NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    "time", ["", "noon", "2026-01-02T11:00:00", "2026-01-02T12:00:01Z", "9999-12-31T23:59:59-12:00", "\x00"]
)
def test_a_call_is_never_for_later_nor_for_what_is_no_moment(time: str) -> None:
    assert due(posted(b"", x_cloudscheduler_scheduletime=time), NOON) == NOON


def test_a_call_without_a_time_is_for_now() -> None:
    assert due(posted(b""), NOON) == NOON


def test_only_a_post_is_the_schedules() -> None:
    with pytest.raises(ProblemError) as refused:
        cleanup(Request(method="GET", path="/"))
    assert refused.value.type.status == 405
