"""Each app registers what calls its one handler, with the bindings that the Functions host reads, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from functions.entrypoints.azure.handlers import MODULES
from tests.azure.worker import Worker

QUEUE = {
    "direction": "IN",
    "type": "serviceBusTrigger",
    "name": "message",
    "connection": "SERVICE_BUS",
    "queueName": "%ORDERLY_QUEUE%",
    "cardinality": "ONE",
    "dataType": "BINARY",
}
FEED = {
    "direction": "IN",
    "type": "cosmosDBTrigger",
    "name": "documents",
    "connection": "COSMOS",
    "databaseName": "%ORDERLY_DATABASE%",
    "containerName": "orders",
    "leaseContainerName": "leases",
    "createLeaseContainerIfNotExists": False,
    "startFromBeginning": True,
    "maxItemsPerInvocation": 100,
    "feedPollDelay": 1000,
}
TIMER = {
    "direction": "IN",
    "type": "timerTrigger",
    "name": "timer",
    "schedule": "%CLEANUP_SCHEDULE%",
    "runOnStartup": False,
    "useMonitor": True,
}


def http(route: str) -> list[dict[str, Any]]:
    trigger = {"direction": "IN", "type": "httpTrigger", "name": "req", "authLevel": "ANONYMOUS", "route": route}
    return [trigger, {"direction": "OUT", "type": "http", "name": "$return"}]


FUNCTIONS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "api": {"api": http("{*path}")},
    "relay": {"relay": [FEED]},
    **{name: {name: [QUEUE]} for name in ("fulfil", "project_demand", "notify_customer", "archive_events")},
    **{name: {name: http("task")} for name, module in MODULES.items() if module == "tasks"},
    "cleanup": {"cleanup": [TIMER]},
    "workflow": {
        "saga_v1": [{"direction": "IN", "type": "orchestrationTrigger", "name": "context"}],
        "saga_branch_v1": [{"direction": "IN", "type": "orchestrationTrigger", "name": "context"}],
        "perform_task": [{"direction": "IN", "type": "activityTrigger", "name": "call"}],
        "runs": [{"direction": "IN", "type": "durableClient", "name": "client"}, *http("runs")],
    },
}
"""By handler, the functions of its app and their bindings."""


@pytest.mark.parametrize("handler", MODULES)
def test_an_app_has_the_functions_of_its_handler_and_no_other(handler: str, folder: Path) -> None:
    with Worker(folder, {"ORDERLY_HANDLER": handler}) as worker:
        assert {function["name"]: function["bindings"] for function in worker.functions} == FUNCTIONS[handler]


def test_only_the_relay_is_retried_by_the_host_and_without_an_end(folder: Path) -> None:
    """A queue's messages are Service Bus's to bring again; a batch of the feed would be passed over."""
    for handler in ("relay", "fulfil", "cleanup"):
        with Worker(folder, {"ORDERLY_HANDLER": handler}) as worker:
            (function,) = worker.functions
            assert bool(function["retry"]) is (handler == "relay")
            if handler == "relay":
                assert function["retry"]["max_retry_count"] == "-1"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "environment variable ORDERLY_HANDLER is not set"),
        ({"ORDERLY_HANDLER": "orders"}, "there is no handler orders, only api, relay"),
        ({"ORDERLY_HANDLER": "api", "ORDERLY_LOG_LEVEL": "LOUD"}, "log level is 'LOUD'"),
    ],
)
def test_an_app_that_is_set_up_wrongly_does_not_start_and_says_why(
    settings: dict[str, str], why: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RuntimeError, match="the worker has ended"), Worker(folder, settings):
        pass
    assert why in capfd.readouterr().err
