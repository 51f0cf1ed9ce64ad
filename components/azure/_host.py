"""How the Functions host runs an app: host.json, which all apps share, and what of it an app's settings override."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

HOST: Mapping[str, Any] = {
    "version": "2.0",
    # Without it the host knows no trigger, and says nothing.
    "extensionBundle": {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"},
    "functionTimeout": "00:05:00",
    "logging": {
        "logLevel": {"default": "Warning", "Function": "Information", "Host.Results": "Information"},
        "applicationInsights": {"samplingSettings": {"isEnabled": True, "excludedTypes": "Request;Exception"}},
    },
    "extensions": {
        "http": {"routePrefix": ""},
        # What was fetched ahead would wait with its lock running out.
        "serviceBus": {"prefetchCount": 0, "maxConcurrentCalls": 1, "maxAutoLockRenewalDuration": "00:05:00"},
        "durableTask": {"overridableExistingInstanceStates": "NonRunningStates"},
    },
}
"""The whole of host.json."""

LEVELS: Mapping[str, str] = {
    "DEBUG": "Debug",
    "INFO": "Information",
    "WARNING": "Warning",
    "ERROR": "Error",
}
"""The host's names for Python's: it passes on no line below its own level."""


def host_settings(*, timeout: timedelta, log_level: str, calls_at_once: int) -> Mapping[str, str]:
    """The app's settings by which its host differs from HOST; `calls_at_once` are those of one instance."""
    return {
        _override("functionTimeout"): _clock(timeout),
        _override("logging", "logLevel", "Function"): LEVELS[log_level],
        _override("extensions", "serviceBus", "maxConcurrentCalls"): str(calls_at_once),
        _override("extensions", "durableTask", "maxConcurrentActivityFunctions"): str(calls_at_once),
        # Each call of a Python function has a thread of this pool.
        "PYTHON_THREADPOOL_THREAD_COUNT": str(calls_at_once),
        # The host's page would else stand where the API's root is.
        "AzureWebJobsDisableHomepage": "true",
    }


def _override(*path: str) -> str:
    """The name of the setting that overrides this part of host.json."""
    return "__".join(("AzureFunctionsJobHost", *path))


def _clock(duration: timedelta) -> str:
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"
