"""Queries of the apps' logs in Kusto's language: lines of Log Analytics' table AppTraces."""

from __future__ import annotations

import json

TABLE = "AppTraces"
ERROR = 3
"""Application Insights' level for it."""


def lines_of(text: str, *apps: str) -> str:
    """The apps' lines with these words: ours are JSON, of which the message is a part."""
    return f"{TABLE} | where {_of(*apps)} and Message contains {json.dumps(text)}"


def errors_of(*apps: str) -> str:
    return f"{TABLE} | where {_of(*apps)} and SeverityLevel >= {ERROR}"


def failed_runs_of(app: str, orchestrator: str) -> str:
    """Instances that ended so, as the Durable extension logs it."""
    return (
        f"{TABLE} | where {_of(app)} and tostring(Properties.Category) == 'Host.Triggers.DurableTask' "
        f"and tostring(Properties.prop__functionName) == {json.dumps(orchestrator)} "
        f"and tostring(Properties.prop__state) == 'Failed'"
    )


def _of(*apps: str) -> str:
    return f"AppRoleName in~ ({', '.join(json.dumps(app) for app in apps)})"
