"""Starts ministack, evened out where it is not what AWS is: see LEVELLED in tests/e2e/aws/system.py.

The interpreter of .engines/ministack runs this file. `GET /_orderly/requests` tells what functions have asked of it, by
service and action, and what the services did for each other. ministack ends when its input does.
"""

from __future__ import annotations

import functools
import json
import os
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from socketserver import StreamRequestHandler
from typing import Any, TypeAlias

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance" / "saga" / "engines"))

import _ministack_levelled as of_the_saga  # type: ignore[import-not-found]
from _counting import QUEUE_REQUESTS, counted, metered  # type: ignore[import-not-found]
from ministack import app  # type: ignore[import-not-found]
from ministack.core import iam_actions, iam_evaluator  # type: ignore[import-not-found]
from ministack.core.router import detect_service  # type: ignore[import-not-found]
from ministack.services import eventbridge, sns, sqs  # type: ignore[import-not-found]
from ministack.services import stepfunctions as engine

REQUESTS = "/_orderly/requests"
THE_ACCOUNT_ITSELF = "Credential=test/"
API = "/_aws/execute-api/"
API_REQUESTS, PUBLISHES = "api requests", "topic publishes"
STATES, TASKS = "state transitions", "workflow tasks"
PARTITION_KEY = "pk"
PRINCIPAL_TAG = re.compile(r"\$\{aws:PrincipalTag/(\w+)\}")
EQUALITY = re.compile(r"\w+ = (:\w+)")
ENTERED = {
    "_execute_pass": "Pass",
    "_execute_choice": "Choice",
    "_execute_task": "Task",
    "_execute_parallel": "Parallel",
    "_apply_output_path": "Succeed",
    "_fail_state_error": "Fail",
}
"""By what ministack does once in a state of a type, that type; some of it is done in others too."""
Json: TypeAlias = Any

_serve, _dispatch_service_request = app.app, app._dispatch_service_request
_enforce, _conditions_met = iam_evaluator.enforce, iam_evaluator._conditions_met
_body: ContextVar[bytes] = ContextVar("_body")
_requests: Counter[str] = Counter()
_one_at_a_time = threading.Lock()
"""Services deliver to each other in threads of their own."""


def count(what: Counter[str]) -> None:
    with _one_at_a_time:
        _requests.update(what)


async def serve_behind_tls(scope: Json, receive: Json, send: Json) -> None:
    """As at AWS's own addresses, TLS has ended before a request arrives."""
    if scope["type"] == "http":
        if scope["path"] == REQUESTS:
            await _answer(send, dict(_requests))
            return
        if scope["path"].startswith(API):
            count(Counter({API_REQUESTS: 1}))
        scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
    await _serve(scope, receive, send)


async def _answer(send: Json, found: Json) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(found).encode()})


async def dispatch_and_count(
    method: str, path: str, headers: Json, body: bytes, query_params: Json, request_id: str
) -> Json:
    _body.set(body)
    if THE_ACCOUNT_ITSELF in headers.get("authorization", THE_ACCOUNT_ITSELF):
        return await _dispatch_service_request(method, path, headers, body, query_params, request_id)
    action = _action(method, path, headers, body, query_params)
    answer = await _dispatch_service_request(method, path, headers, metered(action, body), query_params, request_id)
    count(counted(action, body, answer[-1]))
    return answer


def _action(method: str, path: str, headers: Json, body: bytes, query_params: Json) -> str:
    routing = app._routing_params(method, path, headers, body, query_params)
    service = detect_service(method, path, headers, routing)
    return str(iam_actions.extract_iam_action(service, method, path, headers, body, routing) or f"{service}:?")


def enforce(access_key: str, action: str, service: str, region: str, **further: Json) -> Json:
    """With what of the request a policy may look at, which ministack leaves out."""
    keys = CONDITION_KEYS.get(service)
    known = keys(json.loads(_body.get())) if keys else {}
    further["service_context"] = {**(further.get("service_context") or {}), **known}
    return _enforce(access_key, action, service, region, **further)


def _of_dynamodb(request: Json) -> Json:
    named = sorted(set(_partition_keys(request)))
    return {"dynamodb:LeadingKeys": named} if named else {}


def _of_events(request: Json) -> Json:
    entries = request.get("Entries", [])
    members = {"events:source": "Source", "events:detail-type": "DetailType"}
    return {key: _one_or_all({entry.get(member, "") for entry in entries}) for key, member in members.items()}


def _one_or_all(values: set[str]) -> Json:
    """ministack compares a list as its text, unless the policy says how."""
    return sorted(values) if len(values) > 1 else next(iter(values), None)


CONDITION_KEYS = {"dynamodb": _of_dynamodb, "events": _of_events}


def _partition_keys(part: Json) -> Iterator[str]:
    """Of a query it is the one that is compared for equality; of an item, its `pk`."""
    if isinstance(part, list):
        for each in part:
            yield from _partition_keys(each)
    elif isinstance(part, dict):
        if condition := part.get("KeyConditionExpression"):
            found = EQUALITY.search(condition)
            yield part["ExpressionAttributeValues"][found[1]]["S"] if found else ""
        if "S" in part.get(PARTITION_KEY, {}):
            yield part[PARTITION_KEY]["S"]
        for each in part.values():
            yield from _partition_keys(each)


def conditions_met(conditions: Json, context: Json) -> bool:
    """With the tags of whoever asks, where the policy names them."""

    def tag(found: re.Match[str]) -> str:
        return str(context.principal_keys.get(f"aws:principaltag/{found[1].lower()}", found[0]))

    return bool(_conditions_met(json.loads(PRINCIPAL_TAG.sub(tag, json.dumps(conditions))), context))


def capped_sleep(seconds: float) -> None:
    """ministack knows no MaxDelaySeconds."""
    time.sleep(min(seconds, of_the_saga._cap.get(seconds)))


def count_states(kind: str, perform: Json) -> Json:
    """Each state that a run enters is billed; ministack's history has none of those in a branch."""

    @functools.wraps(perform)
    def counting(state: Json, *rest: Json) -> Json:
        if state["Type"] == kind:
            count(Counter({STATES: 1, TASKS: kind == "Task"}))
        return perform(state, *rest)

    return counting


def count_calls(what: str, call: Callable[..., Json]) -> Callable[..., Json]:
    @functools.wraps(call)
    def counting(*arguments: Json, **named: Json) -> Json:
        count(Counter({what: 1}))
        return call(*arguments, **named)

    return counting


def count_finds(what: str, receive: Callable[..., Json]) -> Callable[..., Json]:
    """An event source asks all the time; what finds nothing is no order's."""

    @functools.wraps(receive)
    def counting(*arguments: Json) -> Json:
        found = receive(*arguments)
        count(Counter({what: bool(found)}))
        return found

    return counting


def count_deliveries() -> None:
    """What services ask of SNS and SQS for us is billed as if we did: by rules, subscriptions and event sources."""
    sns.publish_internal = count_calls(PUBLISHES, sns.publish_internal)
    eventbridge._dispatch_to_sqs = count_calls(QUEUE_REQUESTS, eventbridge._dispatch_to_sqs)
    sns._deliver_to_sqs = count_calls(QUEUE_REQUESTS, sns._deliver_to_sqs)
    sqs._receive_messages_for_esm = count_finds(QUEUE_REQUESTS, sqs._receive_messages_for_esm)
    sqs._delete_messages_for_esm = count_calls(QUEUE_REQUESTS, sqs._delete_messages_for_esm)


def end_with_the_test() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    for replacement in (
        of_the_saga.execute_task,
        of_the_saga.run_sub_machine,
        of_the_saga.apply_result_selector,
        of_the_saga.apply_result_path,
        of_the_saga.error_matches,
        of_the_saga.find_matching_retrier,
    ):
        setattr(engine, f"_{replacement.__name__}", replacement)
    for entered, kind in ENTERED.items():
        setattr(engine, entered, count_states(kind, getattr(engine, entered)))
    count_deliveries()
    engine._scaled_sleep = capped_sleep
    # Each event of a function waits 40 ms for an acknowledgement otherwise.
    StreamRequestHandler.disable_nagle_algorithm = True
    app.app, app._dispatch_service_request = serve_behind_tls, dispatch_and_count
    iam_evaluator.enforce, iam_evaluator._conditions_met = enforce, conditions_met
    threading.Thread(target=end_with_the_test, daemon=True).start()
    app.main()


if __name__ == "__main__":
    main()
