"""A loop that fails is told of, and goes on."""

from __future__ import annotations

import threading

import pytest

from local_runtime.errors import StoreError
from local_runtime.supervisor import Supervisor
from tests.unit.local_runtime.fakes import eventually


class FailingOnce:
    def __init__(self, error: Exception) -> None:
        self.errors = [error]
        self.goes_on = False

    def run(self, stop: threading.Event) -> None:
        if self.errors:
            raise self.errors.pop()
        self.goes_on = True
        stop.wait()

    def wake(self) -> None: ...


@pytest.mark.parametrize(
    ("error", "is_traced"), [(StoreError("the file is gone: make it again"), False), (KeyError("x"), True)]
)
def test_a_loop_that_failed_goes_on_and_is_traced_unless_a_line_says_it_all(
    error: Exception, is_traced: bool, caplog: pytest.LogCaptureFixture
) -> None:
    loop = FailingOnce(error)
    supervisor = Supervisor({"feed": loop}, first_wait=0.001)
    supervisor.start()
    eventually(lambda: loop.goes_on, "the loop goes on")
    supervisor.ask_to_stop()
    assert supervisor.wait(5) == []
    (record,) = caplog.records
    assert (record.getMessage(), bool(record.exc_info)) == ("loop failed", is_traced)
    assert (record.__dict__["loop"], record.__dict__["why"]) == ("feed", str(error))
    assert supervisor.health()["feed"]["restarts"] == 1
