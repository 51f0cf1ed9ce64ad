"""Runs workflows for the driver, in the environment of workflows-emulator: a line of JSON in, a line of JSON out.

In: `source`, `input`, `server`, where services are found, and `pace`, by which waits are slept through: 0, or left out,
for not at all. Out: `result`, or the `error` of an execution that failed; `sleeps`, in seconds; `violations` of what
every call has to carry; `steps`, as Google bills them. Everything that stands in the place of the emulator's own is
here, and LEVELLED of the driver says why.
"""
# ruff: noqa: ANN401 -- a workflow's values are any values

from __future__ import annotations

import json
import logging
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import requests
from _workflows_steps import BilledSteps  # type: ignore[import-not-found]
from jsonschema.validators import validator_for
from workflows_emulator import main, render  # type: ignore[import-not-found]
from workflows_emulator.lib import http_utils, sys_utils  # type: ignore[import-not-found]
from workflows_emulator.utils import ContextDict, WorkflowError  # type: ignore[import-not-found]

PATIENCE_SECONDS = 50
"""With whoever answers at all: less than the driver's own with this process."""
MAX_TIMEOUT_SECONDS = 1800
LITERALS = {"null": None, "true": True, "false": False}

request, run_code, assign_var = http_utils.request, main.run_code, main.assign_var
execute_switch = main.StepSwitch.execute


def serve() -> None:
    logging.disable(logging.CRITICAL)
    level()
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        try:
            answer = run(**json.loads(line))
        except Exception as error:  # noqa: BLE001 -- whatever it is, the driver has to hear of it
            answer = {"broken": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


def level() -> None:
    main.WORKFLOW_SCHEMA["definitions"]["args"]["properties"]["timeout"] = {"type": ["number", "string"]}
    main.LOCK = NoLock()
    main.StepSwitch.execute = follow_first_true
    main.run_code, main.assign_var = run_named, assign_named
    render.render_str = evaluate
    render.STANDARD_LIBRARY.update(LITERALS)
    main.execute_step = BILLED.counting(main.execute_step)


def run(source: str, input: dict[str, Any], server: str, pace: float = 0.0) -> dict[str, Any]:
    execution = Execution(server, pace)
    http_utils.request, sys_utils.sleep = execution.request, execution.sleep
    workflow = json.loads(source)
    BILLED.begin()
    validator_for(main.WORKFLOW_SCHEMA)(main.WORKFLOW_SCHEMA).validate(workflow)
    ended: dict[str, Any]
    try:
        ended = {"result": main.execute_workflow(workflow, {"input": input})}
    except WorkflowError as error:
        ended = {"error": plain(error.payload)}
    told = {"sleeps": execution.sleeps, "violations": execution.violations, "steps": dict(BILLED.counts)}
    return {**ended, **told}


@dataclass
class Execution:
    """What one does outside of itself."""

    server: str
    pace: float
    sleeps: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, **args: Any) -> Any:
        """What http.post does, to the service where it is found now."""
        timeout, auth = args.get("timeout"), args.get("auth") or {}
        if auth != {"type": "OIDC", "audience": url}:
            self.violations.append(f"{url} is called with auth {auth}")
        if not isinstance(timeout, int) or not 0 < timeout <= MAX_TIMEOUT_SECONDS:
            self.violations.append(f"{url} is called with timeout {timeout!r}")
            timeout = MAX_TIMEOUT_SECONDS
        where = {"Service": url, "Audience": str(auth.get("audience"))}
        try:
            answer = request(method, url=self.server, body=args["body"], timeout=PATIENCE_SECONDS, headers=where)
        except requests.ConnectionError:
            raise WorkflowError(message="the connection broke", tags=["ConnectionError"]) from None
        if float(answer["headers"].get("Took", 0)) > timeout:
            raise WorkflowError(message="no answer in time", tags=["TimeoutError"])
        return answer

    def sleep(self, seconds: float) -> None:
        if not isinstance(seconds, int):
            self.violations.append(f"sys.sleep is called with {seconds!r}")
        self.sleeps.append(seconds)
        time.sleep(seconds * self.pace)


class NoLock:
    def acquire(self) -> None:
        pass

    def release(self) -> None:
        pass


def follow_first_true(switch: Any) -> Any:
    true = [each for each in switch.config["switch"] if evaluate(each["condition"], switch.context) is True]
    switch.config = {**switch.config, "switch": true[:1]}
    return execute_switch(switch)


def evaluate(value: Any, context: dict[str, Any]) -> Any:
    if not isinstance(value, str) or not (value.startswith("${") and value.endswith("}")):
        return value
    try:
        return plain(run_named(value[2:-1], context))
    except SyntaxError as error:
        if isinstance(error.__cause__, AttributeError):
            raise WorkflowError(message=str(error), tags=["KeyError"]) from error
        raise


def run_named(code: str, context: dict[str, Any]) -> Any:
    return run_code(code, named_in(code, context))


def assign_named(name: str, value: Any, context: dict[str, Any]) -> Any:
    return assign_var(name, value, named_in(name, context))


def named_in(code: str, context: dict[str, Any]) -> dict[str, Any]:
    """What the code can mean: the emulator copies all that there is, for each expression."""
    return {name: context[name] for name in re.findall(r"\w+", code) if name in context}


def plain(value: Any) -> Any:
    if isinstance(value, ContextDict):
        return plain(value.to_dict())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


BILLED = BilledSteps(evaluate)


if __name__ == "__main__":
    serve()
