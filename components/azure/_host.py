"""How the Functions host runs an app: host.json, and what of it an app's settings override.

Who starts and ends instances reads the file alone. It takes a backlog for eight times as many instances as are needed,
never for more than an app's most; but of a run that the file does not say the whereabouts of it would never hear.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, TypeAlias

HOST: Mapping[str, Any] = {
    "version": "2.0",
    # Without it the host knows no trigger, and says nothing.
    "extensionBundle": {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"},
    "functionTimeout": "00:05:00",
    "logging": {
        "logLevel": {"default": "Warning", "Function": "Information", "Host.Results": "Information"},
        # What alarms count is not left out however much there is of it.
        "applicationInsights": {"samplingSettings": {"isEnabled": True, "excludedTypes": "Request;Exception;Trace"}},
    },
    "extensions": {
        "http": {"routePrefix": ""},
        # What was fetched ahead would wait with its lock running out.
        "serviceBus": {"prefetchCount": 0, "maxConcurrentCalls": 1, "maxAutoLockRenewalDuration": "00:05:00"},
        "durableTask": {"overridableExistingInstanceStates": "NonRunningStates"},
    },
}
"""The whole of host.json, where runs are kept in the app's own storage, in a hub that is called as the app is."""

DurableBackend: TypeAlias = Literal["storage", "scheduler"]
TASK_HUB, SCHEDULER = "TASKHUB_NAME", "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"
"""The settings of an app whose runs are kept in a scheduler."""

LEVELS: Mapping[str, str] = {
    "DEBUG": "Debug",
    "INFO": "Information",
    "WARNING": "Warning",
    "ERROR": "Error",
}
"""The host's names for Python's: it passes on no line below its own level."""


def host_json(backend: DurableBackend) -> Mapping[str, Any]:
    if backend == "storage":
        return HOST
    extensions = HOST["extensions"]
    kept = {
        "hubName": f"%{TASK_HUB}%",
        "storageProvider": {"type": "azureManaged", "connectionStringName": SCHEDULER},
    }
    return {**HOST, "extensions": {**extensions, "durableTask": {**extensions["durableTask"], **kept}}}


def host_settings(
    *, timeout: timedelta, log_level: str, calls_at_once: int, orchestrators: int = 0
) -> Mapping[str, str]:
    """The app's settings by which its host differs from HOST. `calls_at_once` are those of one instance, and so are
    `orchestrators`, of an app that has any; its activities are its calls.
    """
    return {
        _override("functionTimeout"): _clock(timeout),
        _override("logging", "logLevel", "Function"): LEVELS[log_level],
        _override("extensions", "serviceBus", "maxConcurrentCalls"): str(calls_at_once),
        # Each call of a Python function has a thread of this pool.
        "PYTHON_THREADPOOL_THREAD_COUNT": str(calls_at_once + orchestrators),
        # The host's page would else stand where the API's root is.
        "AzureWebJobsDisableHomepage": "true",
        **(_shares(activities=calls_at_once, orchestrators=orchestrators) if orchestrators else {}),
    }


def _shares(*, activities: int, orchestrators: int) -> Mapping[str, str]:
    """Of the threads: an activity keeps its own for as long as a task takes, and without them no run would move."""
    return {
        _override("extensions", "durableTask", "maxConcurrentActivityFunctions"): str(activities),
        _override("extensions", "durableTask", "maxConcurrentOrchestratorFunctions"): str(orchestrators),
    }


def _override(*path: str) -> str:
    """The name of the setting that overrides this part of host.json."""
    return "__".join(("AzureFunctionsJobHost", *path))


def _clock(duration: timedelta) -> str:
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"
