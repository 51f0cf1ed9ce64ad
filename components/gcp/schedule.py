"""Cloud Scheduler: a job that calls the function in an account of its own, and again if that fails.

It keeps no dead letters: a call whose every attempt has failed is an alarm, and the next one makes up for it.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from components import schedule
from components.behind import behind
from components.foundation import Foundation
from components.gcp._account import service_account
from components.gcp._alarms import Alarm
from components.gcp._logged import counted, log_metric
from components.gcp._project import Project
from components.gcp._service import Deployed
from components.group import Transform
from components.schedule import ScheduleArgs

RETRIES = 5
"""Cloud Scheduler's most."""
FIRST_WAIT, LONGEST_WAIT, DOUBLINGS = timedelta(seconds=30), timedelta(minutes=5), 4
SHORTEST_DEADLINE, LONGEST_DEADLINE = timedelta(seconds=15), timedelta(minutes=30)
PATIENCE = timedelta(seconds=5)
"""It waits so much longer than the function may take."""
ALL_ATTEMPTS = timedelta(hours=1)
"""Within this every attempt of one call has been made."""
RESOURCE = "cloud_scheduler_job"


class Schedule(schedule.Schedule):
    CHILDREN = ("account", "job", "failures")

    def __init__(
        self,
        name: str,
        *,
        args: ScheduleArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._project = behind(foundation, Project)
        self._job(args, behind(args.function, Deployed))
        self._project.watch(self._failures())
        self.register_outputs({})

    @property
    def _physical_name(self) -> str:
        return self._project.name("schedule", self.name)

    def _job(self, args: ScheduleArgs, called: Deployed) -> None:
        """At-least-once, and a call is left out while the one before is still being made."""
        account = service_account(
            f"{self.name}-schedule",
            project=self._project,
            says=f"Schedule {self.name}",
            opts=self._child("account"),
        )
        may_call = args.function.grant_invoke(account).carried_by
        ready = pulumi.ResourceOptions.merge(
            self._project.ready("cloudscheduler"), pulumi.ResourceOptions(depends_on=list(may_call))
        )
        gcp.cloudscheduler.Job(
            self.name,
            project=self._project.id,
            region=self._project.region,
            name=self._physical_name,
            schedule=args.cron,
            time_zone=args.timezone,
            attempt_deadline=_seconds(_deadline(called)),
            retry_config=gcp.cloudscheduler.JobRetryConfigArgs(
                retry_count=RETRIES,
                min_backoff_duration=_seconds(FIRST_WAIT),
                max_backoff_duration=_seconds(LONGEST_WAIT),
                max_doublings=DOUBLINGS,
            ),
            http_target=gcp.cloudscheduler.JobHttpTargetArgs(
                uri=called.url,
                http_method="POST",
                oidc_token=gcp.cloudscheduler.JobHttpTargetOidcTokenArgs(
                    service_account_email=account.email, audience=called.url
                ),
            ),
            opts=self._child("job", ready),
        )

    def _failures(self) -> Alarm:
        """Counted from the job's log, which is all that Cloud Scheduler tells of it: a line for each failed attempt."""
        name = f"{self.name}-schedule"
        metric = log_metric(
            name,
            project=self._project,
            says=f"Attempts of the schedule {self.name} that failed",
            where=f'resource.type="{RESOURCE}" AND resource.labels.job_id="{self._physical_name}" AND severity>=ERROR',
            opts=self._child("failures"),
        )
        return Alarm(
            about="failed-schedules",
            contract="schedule",
            of=self.name,
            says=f"Every attempt of the schedule {self.name} to call its function failed; the job's log says how.",
            metric=counted(name, project=self._project, resource=RESOURCE, labels={"job_id": self._physical_name}),
            threshold=RETRIES,
            period_seconds=int(ALL_ATTEMPTS.total_seconds()),
            after=(metric,),
        )


def _deadline(called: Deployed) -> timedelta:
    wanted = timedelta(seconds=called.timeout_seconds) + PATIENCE
    return min(max(wanted, SHORTEST_DEADLINE), LONGEST_DEADLINE)


def _seconds(duration: timedelta) -> str:
    return f"{int(duration.total_seconds())}s"
