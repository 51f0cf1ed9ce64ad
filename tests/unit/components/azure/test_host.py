"""The host runs an app as the configuration has it, whatever all apps share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from components.azure._host import HOST, host_json, host_settings


def settings(**changed: Any) -> Mapping[str, str]:  # noqa: ANN401 -- any of its arguments
    return host_settings(**{"timeout": timedelta(seconds=30), "log_level": "INFO", "calls_at_once": 16, **changed})


def test_the_shared_file_names_the_bundle_without_which_no_trigger_is_known() -> None:
    assert HOST["version"] == "2.0"
    assert HOST["extensionBundle"] == {
        "id": "Microsoft.Azure.Functions.ExtensionBundle",
        "version": "[4.*, 5.0.0)",
    }


def test_routes_have_no_prefix_and_a_run_under_way_is_not_replaced() -> None:
    assert HOST["extensions"]["http"] == {"routePrefix": ""}
    assert HOST["extensions"]["durableTask"]["overridableExistingInstanceStates"] == "NonRunningStates"


def test_the_file_itself_says_where_runs_are_kept_since_who_starts_instances_reads_nothing_else() -> None:
    assert host_json("scheduler")["extensions"]["durableTask"] == {
        **HOST["extensions"]["durableTask"],
        "hubName": "%TASKHUB_NAME%",
        "storageProvider": {
            "type": "azureManaged",
            "connectionStringName": "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        },
    }
    assert host_json("storage") == HOST


def test_no_line_that_an_alarm_counts_is_sampled_away() -> None:
    assert "Trace" in HOST["logging"]["applicationInsights"]["samplingSettings"]["excludedTypes"].split(";")


def test_no_key_and_no_connection_is_in_the_shared_file() -> None:
    assert not [word for word in ("key", "connection", "secret", "password") if word in str(HOST).lower()]


def test_every_setting_that_overrides_names_a_part_of_the_shared_file_or_adds_to_one() -> None:
    for name in settings(orchestrators=8):
        prefix, *path = name.split("__")
        if prefix == "AzureFunctionsJobHost":
            part: Any = HOST
            for step in path[:-1]:
                part = part[step]
            assert isinstance(part, Mapping)


@pytest.mark.parametrize(
    ("timeout", "written"),
    [
        (timedelta(seconds=1), "00:00:01"),
        (timedelta(seconds=90), "00:01:30"),
        (timedelta(minutes=5), "00:05:00"),
        (timedelta(hours=2), "02:00:00"),
    ],
)
def test_an_app_ends_its_calls_after_its_own_timeout(timeout: timedelta, written: str) -> None:
    assert settings(timeout=timeout)["AzureFunctionsJobHost__functionTimeout"] == written


def test_as_many_messages_and_threads_are_at_work_as_were_asked_for() -> None:
    made = settings(calls_at_once=5)
    assert made["AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls"] == "5"
    assert made["PYTHON_THREADPOOL_THREAD_COUNT"] == "5"
    assert not [name for name in made if "durableTask" in name]


def test_activities_that_wait_leave_threads_for_orchestrators() -> None:
    made = settings(calls_at_once=5, orchestrators=3)
    assert made["AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions"] == "5"
    assert made["AzureFunctionsJobHost__extensions__durableTask__maxConcurrentOrchestratorFunctions"] == "3"
    assert made["PYTHON_THREADPOOL_THREAD_COUNT"] == "8"


@pytest.mark.parametrize(
    ("level", "hosts"), [("DEBUG", "Debug"), ("INFO", "Information"), ("WARNING", "Warning"), ("ERROR", "Error")]
)
def test_the_host_passes_on_what_the_functions_log(level: str, hosts: str) -> None:
    assert settings(log_level=level)["AzureFunctionsJobHost__logging__logLevel__Function"] == hosts
