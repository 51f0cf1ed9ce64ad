"""Starts ministack, evened out where it is not what Step Functions is: see LEVELLED of the driver.

The interpreter of .engines/ministack runs this file. Each line of its input names an attempt whose answer is late:
`key attempt`. ministack ends when there is no more input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from socketserver import StreamRequestHandler
from types import SimpleNamespace
from typing import Any, TypeAlias

from ministack import app  # type: ignore[import-not-found]
from ministack.services import stepfunctions as engine  # type: ignore[import-not-found]

MOST_CALLS_AT_ONCE = 32
MOST_BYTES = 262_144
TOO_LARGE = "States.DataLimitExceeded"
Json: TypeAlias = Any

_execute_task, _run_sub_machine = engine._execute_task, engine._run_sub_machine
_find_matching_retrier, _error_matches = engine._find_matching_retrier, engine._error_matches
_apply_result_path = engine._apply_result_path
_task: ContextVar[tuple[Json, Json]] = ContextVar("_task")
"""The execution and the context object of the task that this thread is performing."""
_cap: ContextVar[float] = ContextVar("_cap")
"""The longest wait of the retrier that this thread has found."""
_is_over: defaultdict[tuple[str, str], threading.Event] = defaultdict(threading.Event)
"""By key and attempt: the answer is there, or its time is over."""
_pool = ThreadPoolExecutor(MOST_CALLS_AT_ONCE)


def execute_task(state: Json, data: Json, execution: Json, context: Json) -> Json:
    _task.set((execution, context))
    return _execute_task(state, data, execution, context)


def run_sub_machine(states: Json, start_at: Json, data: Json, execution: Json, context: Json) -> Json:
    """ministack lets branches overwrite each other's context object."""
    return _run_sub_machine(states, start_at, data, execution, {**context})


def apply_result_selector(state: Json, result: Json) -> Json:
    """ministack's selector does not see the context object."""
    selector = state.get("ResultSelector")
    return engine._resolve_params_obj(selector, result, _task.get()[1]) if selector else result


def apply_result_path(state: Json, data: Json, result: Json) -> Json:
    """ministack does not count what a state puts out."""
    output = _apply_result_path(state, data, result)
    if len(json.dumps(output, ensure_ascii=False).encode()) > MOST_BYTES:
        raise engine._ExecutionError(TOO_LARGE, f"a state puts out more than {MOST_BYTES} bytes")
    return output


def error_matches(names: list[str], error: str) -> bool:
    return error in names if error == TOO_LARGE else bool(_error_matches(names, error))


def find_matching_retrier(retriers: Json, error: str, counts: dict[int, int]) -> tuple[Json, int]:
    retrier, index = _find_matching_retrier(retriers, error, counts)
    _cap.set((retrier or {}).get("MaxDelaySeconds", float("inf")))
    return retrier, index


def note_instead_of_sleeping(seconds: float) -> None:
    """ministack lets waits grow up to a minute, and knows no MaxDelaySeconds."""
    engine._add_event(_task.get()[0], "Waited", {"seconds": min(seconds, _cap.get())})


def invoke_resource_with_timeout(resource: str, data: Json, timeout: float) -> Json:
    """The time of an attempt is over sooner where the test says so; what it was is noted."""
    call = data["Payload"]
    engine._add_event(_task.get()[0], "Timed", {"key": call.get("key", ""), "seconds": timeout})
    is_over = _is_over[call.get("key", ""), str(call.get("attempt"))]
    future = _pool.submit(copy_context().run, engine._invoke_resource, resource, data)
    future.add_done_callback(lambda _: is_over.set())
    is_over.wait(timeout)
    if future.done():
        return future.result()
    raise engine._ExecutionError("States.Timeout", f"not answered within {timeout} seconds")


def hear_of_late_answers() -> None:
    for line in sys.stdin:
        key, attempt = line.split()
        _is_over[key, attempt].set()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    for replacement in (
        execute_task,
        run_sub_machine,
        apply_result_selector,
        apply_result_path,
        error_matches,
        find_matching_retrier,
        invoke_resource_with_timeout,
    ):
        setattr(engine, f"_{replacement.__name__}", replacement)
    engine._scaled_sleep = note_instead_of_sleeping
    # Each event of a function waits 40 ms for an acknowledgement otherwise, and each execution 150 ms for nothing.
    StreamRequestHandler.disable_nagle_algorithm = True
    engine.time = SimpleNamespace(sleep=lambda _: None, time=time.time, monotonic=time.monotonic)
    threading.Thread(target=hear_of_late_answers, daemon=True).start()
    app.main()


if __name__ == "__main__":
    main()
