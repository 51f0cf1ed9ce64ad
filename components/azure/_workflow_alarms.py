"""What is watched of a workflow: runs that fail, steps that stay undone, and calls that fail.

Among the last are calls of tasks that do not let the workflow in: orders then end as failed, and no task knows of it.
How long calls take says nothing: most are orchestrators, which wait for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.azure._alarms import Alarm, Lines
from components.azure._app import FunctionApp
from components.azure._function_alarms import FAILED, LOOKED_AT, failed_calls
from components.azure._lines import failed_runs_of, lines_of
from components.azure._subscription import Subscription
from components.behind import behind
from components.workflow import WorkflowArgs

ORCHESTRATOR = "saga_v1"
"""functions.entrypoints.azure.saga_v1."""
UNDONE = "steps are not undone"
"""What functions.entrypoints logs of a run whose compensations failed."""


def workflow_alarms(name: str, app: FunctionApp, args: WorkflowArgs, *, subscription: Subscription) -> Iterator[Alarm]:
    yield Alarm(
        about="stuck-sagas",
        contract="workflow",
        of=name,
        says=f"A run of {name} failed for good: its end is not recorded or a step is not undone; its error says which.",
        measured=Lines(query=failed_runs_of(app.physical_name, ORCHESTRATOR)),
        threshold=0,
    )
    yield Alarm(
        about="failed-compensations",
        contract="workflow",
        of=name,
        says=f"A step of {name} could not be undone after all its attempts; the order says which.",
        measured=Lines(query=lines_of(UNDONE, *_recording(args))),
        threshold=0,
    )
    yield Alarm(
        about="failed-calls",
        contract="workflow",
        of=name,
        says=f"More than {FAILED} starts or steps of {name} failed in a quarter of an hour; its app's log says how.",
        measured=failed_calls(app, subscription),
        threshold=FAILED,
        window=LOOKED_AT,
    )


def _recording(args: WorkflowArgs) -> Iterator[str]:
    """Whoever records how a saga ended is told what is not undone, and logs it."""
    for function in dict.fromkeys(args.tasks[task] for task in (args.saga.on_failed, args.saga.on_rejected)):
        yield behind(function, FunctionApp).physical_name
