"""An alert policy of Cloud Monitoring for whatever a component asked to have watched, and a dashboard of it all.

Every policy tells the mail address that is configured; without one they open incidents and tell nobody. Traces are what
Cloud Run samples by itself: an SDK for more would be paid for at every cold start.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components import observability
from components.behind import behind
from components.foundation import Foundation
from components.gcp import _kept_logs
from components.gcp._alarms import Alarm
from components.gcp._alert_policy import alert_policy
from components.gcp._build import Build
from components.gcp._dashboard import dashboard_json
from components.gcp._kept_logs import keep_logs
from components.gcp._logged import counted, log_metric, one_of
from components.gcp._project import Project
from components.gcp._service import Deployed
from components.group import Transform
from components.observability import ObservabilityArgs

REVISION = "cloud_run_revision"
LOOKED_AT_FOR_SECONDS = 300


class Observability(observability.Observability):
    CHILDREN = ("channel", "errors", "alarm", "dashboard", *_kept_logs.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: ObservabilityArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._project = behind(foundation, Project)
        services = tuple(behind(function, Deployed).physical_name for function in args.functions)
        of = f'resource.type="{REVISION}" AND resource.labels.service_name={one_of(services)}'
        keep_logs(
            name,
            of=of,
            days=foundation.profile.log_retention_days,
            build=behind(foundation, Build),
            child=self._child,
        )
        self._slowest: tuple[pulumi.Resource, ...] = (args.api, *args.functions, args.workflow)
        self._channels = self._make_channels()
        self._project.watch(self._errors(of, services))
        self.register_outputs({})

    def finish(self) -> None:
        """It is the last that is made, so whatever has to be watched was said by now."""
        ready = self._project.ready("monitoring")
        watched = [self._policy(alarm, ready) for alarm in self._project.alarms]
        gcp.monitoring.Dashboard(
            self.name,
            project=self._project.id,
            dashboard_json=dashboard_json(
                f"{pulumi.get_project()} {pulumi.get_stack()}",
                [(alarm, made.name) for alarm, made in zip(self._project.alarms, watched, strict=True)],
            ),
            opts=self._child("dashboard", ready),
        )

    def _policy(self, alarm: Alarm, ready: pulumi.ResourceOptions) -> gcp.monitoring.AlertPolicy:
        """Monitoring knows a metric that is counted from logs up to ten minutes after it was made, and refuses the
        policy until then: such a metric is among the first that are made, and its policy among the last.
        """
        late = pulumi.ResourceOptions(depends_on=[*alarm.after, *self._slowest]) if alarm.after else None
        return alert_policy(
            alarm,
            project=self._project,
            channels=self._channels,
            opts=self._child("alarm", pulumi.ResourceOptions.merge(ready, late)),
        )

    def _make_channels(self) -> list[pulumi.Output[str]]:
        address = self._project.config.alarm_email
        if address is None:
            return []
        channel = gcp.monitoring.NotificationChannel(
            self.name,
            project=self._project.id,
            type="email",
            display_name=f"{pulumi.get_project()} {pulumi.get_stack()}: operators",
            labels={"email_address": address},
            opts=self._child("channel", self._project.ready("monitoring")),
        )
        return [channel.name]

    def _errors(self, of: str, services: tuple[str, ...]) -> Alarm:
        """What a function survives but somebody has to look at, for a call that fails is watched by itself."""
        name = f"{self.name}-errors"
        metric = log_metric(
            name,
            project=self._project,
            says="Errors that functions have logged",
            where=f"{of} AND severity>=ERROR",
            opts=self._child("errors"),
        )
        return Alarm(
            about="logged-errors",
            contract="observability",
            of=self.name,
            says="A function has logged an error; the line says what happened, and to which order.",
            metric=counted(name, project=self._project, resource=REVISION, labels={"service_name": services}),
            threshold=0,
            period_seconds=LOOKED_AT_FOR_SECONDS,
            after=(metric,),
        )
