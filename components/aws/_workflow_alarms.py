"""What is watched of a state machine: runs that fail, that are cut off or held up, and steps that stay undone."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi

from components.aws._alarms import Alarm, Metric
from components.aws._lambda import Deployed
from components.behind import behind
from components.workflow import WorkflowArgs

STATES = "AWS/States"
OURS = "Orderly"
"""The namespace of functions.entrypoints.aws.observed."""


def workflow_alarms(name: str, state_machine: pulumi.Output[str], args: WorkflowArgs) -> Iterator[Alarm]:
    yield _of_runs(
        name,
        state_machine,
        about="failed-sagas",
        metric="ExecutionsFailed",
        says=f"A run of {name} failed for good: its end is not recorded or a step is not undone; its error says which.",
    )
    yield _of_runs(
        name,
        state_machine,
        about="stuck-sagas",
        metric="ExecutionsTimedOut",
        says=f"A run of {name} was cut off by its time limit, undone or not; its order waits for somebody to look.",
    )
    yield _of_runs(
        name,
        state_machine,
        about="aborted-sagas",
        metric="ExecutionsAborted",
        says=f"A run of {name} was stopped by somebody, undone or not; its order waits for somebody to look.",
    )
    yield _of_runs(
        name,
        state_machine,
        about="throttled-sagas",
        metric="ExecutionThrottled",
        says=f"Step Functions holds up runs of {name}: states change more often than the account's quota allows.",
        periods=3,
    )
    yield _failed_compensations(name, args)


def _of_runs(
    name: str, state_machine: pulumi.Output[str], *, about: str, metric: str, says: str, periods: int = 1
) -> Alarm:
    return Alarm(
        about=about,
        contract="workflow",
        of=name,
        says=says,
        metric=Metric(namespace=STATES, name=metric, dimensions={"StateMachineArn": state_machine}),
        threshold=0,
        periods=periods,
    )


def _failed_compensations(name: str, args: WorkflowArgs) -> Alarm:
    """Counted by whoever records how a saga ended, which is told what is not undone."""
    recording = dict.fromkeys(args.tasks[task] for task in (args.saga.on_failed, args.saga.on_rejected))
    first, *others = (
        Metric(
            namespace=OURS,
            name="CompensationsFailed",
            dimensions={"service": behind(function, Deployed).physical_name},
        )
        for function in recording
    )
    return Alarm(
        about="failed-compensations",
        contract="workflow",
        of=name,
        says=f"A step of {name} could not be undone after all its attempts; the order says which.",
        metric=first,
        plus=tuple(others),
        threshold=0,
    )
