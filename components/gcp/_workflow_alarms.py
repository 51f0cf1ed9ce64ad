"""What is watched of a workflow: runs that fail or are stopped, and steps that stay undone."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi

from components.behind import behind
from components.gcp._alarms import Alarm, Metric
from components.gcp._logged import counted, log_metric, one_of
from components.gcp._project import Project
from components.gcp._service import Deployed
from components.workflow import WorkflowArgs

FINISHED = "workflows.googleapis.com/finished_execution_count"
RESOURCE = "workflows.googleapis.com/Workflow"
REVISION = "cloud_run_revision"
UNDONE = "steps are not undone"
"""What functions.entrypoints logs of a run whose compensations failed."""


def workflow_alarms(
    name: str, physical_name: str, args: WorkflowArgs, *, project: Project, opts: pulumi.ResourceOptions
) -> Iterator[Alarm]:
    """`opts` are those of the metric that is counted from logs."""
    yield _of_runs(
        name,
        physical_name,
        about="stuck-sagas",
        status="FAILED",
        says=f"A run of {name} failed for good: its end is not recorded or a step is not undone; its error says which.",
    )
    yield _of_runs(
        name,
        physical_name,
        about="aborted-sagas",
        status="CANCELLED",
        says=f"A run of {name} was stopped by somebody, undone or not; its order waits for somebody to look.",
    )
    yield _failed_compensations(name, args, project=project, opts=opts)


def _of_runs(name: str, physical_name: str, *, about: str, status: str, says: str) -> Alarm:
    return Alarm(
        about=about,
        contract="workflow",
        of=name,
        says=says,
        metric=Metric(
            type=FINISHED,
            resource=RESOURCE,
            labels={"workflow_id": physical_name},
            metric_labels={"status": status},
        ),
        threshold=0,
    )


def _failed_compensations(name: str, args: WorkflowArgs, *, project: Project, opts: pulumi.ResourceOptions) -> Alarm:
    """Logged by whoever records how a saga ended, which is told what is not undone."""
    recording = dict.fromkeys(args.tasks[task] for task in (args.saga.on_failed, args.saga.on_rejected))
    services = tuple(behind(function, Deployed).physical_name for function in recording)
    metric = log_metric(
        f"{name}-compensations",
        project=project,
        says=f"Runs of {name} with steps that could not be undone",
        where=f'resource.type="{REVISION}" AND resource.labels.service_name={one_of(services)} '
        f'AND severity>=ERROR AND jsonPayload.message="{UNDONE}"',
        opts=opts,
    )
    return Alarm(
        about="failed-compensations",
        contract="workflow",
        of=name,
        says=f"A step of {name} could not be undone after all its attempts; the order says which.",
        metric=counted(f"{name}-compensations", project=project, resource=REVISION, labels={"service_name": services}),
        threshold=0,
        after=(metric,),
    )
