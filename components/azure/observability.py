"""An alert rule of Azure Monitor for whatever a component asked to have watched, and a workbook of it all.

Every rule tells the mail address that is configured; without one they open alerts and tell nobody. Traces are what the
Functions host and Application Insights correlate by themselves.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components import observability
from components.azure._alarms import Alarm, Lines
from components.azure._alert import EVERYWHERE, alert
from components.azure._app import FunctionApp
from components.azure._lines import errors_of
from components.azure._names import guid
from components.azure._subscription import Subscription
from components.azure._workbook import workbook_json
from components.behind import behind
from components.foundation import Foundation
from components.group import Transform
from components.observability import ObservabilityArgs

LOOKED_AT = timedelta(minutes=5)
SHORT_NAME = "orderly"
"""What a mail begins with; at most 12 characters."""


class Observability(observability.Observability):
    CHILDREN = ("operators", "alarm", "workbook")

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
        self._subscription = behind(foundation, Subscription)
        self._groups = self._make_groups()
        self._subscription.watch(self._errors(args))
        self.register_outputs({})

    def finish(self) -> None:
        """It is the last that is made, so whatever has to be watched was said by now."""
        for alarm in self._subscription.alarms:
            alert(alarm, groups=self._groups, subscription=self._subscription, opts=self._child("alarm"))
        title = f"{pulumi.get_project()} {pulumi.get_stack()}"
        azure.applicationinsights.Workbook(
            self.name,
            resource_group_name=self._subscription.group_name,
            location=self._subscription.location,
            resource_name_=self._subscription.group.id.apply(lambda group: guid(group, self.name)),
            kind="shared",
            category="workbook",
            display_name=title,
            source_id=self._subscription.workspace.id,
            serialized_data=workbook_json(self._subscription.alarms, subscription=self._subscription),
            opts=self._child("workbook"),
        )

    def _make_groups(self) -> list[pulumi.Output[str]]:
        address = self._subscription.config.alarm_email
        if address is None:
            return []
        group = azure.monitor.ActionGroup(
            self.name,
            resource_group_name=self._subscription.group_name,
            location=EVERYWHERE,
            action_group_name=self._subscription.name("alert", f"{self.name}-operators"),
            group_short_name=SHORT_NAME,
            enabled=True,
            email_receivers=[
                azure.monitor.MicrosoftCommonEmailReceiverArgs(
                    name="operators", email_address=address, use_common_alert_schema=True
                )
            ],
            opts=self._child("operators"),
        )
        return [group.id]

    def _errors(self, args: ObservabilityArgs) -> Alarm:
        """What a function survives but somebody has to look at, for a call that fails is watched by itself."""
        return Alarm(
            about="logged-errors",
            contract="observability",
            of=self.name,
            says="A function has logged an error; the line says what happened, and to which order.",
            measured=Lines(
                query=errors_of(*(behind(function, FunctionApp).physical_name for function in args.functions))
            ),
            threshold=0,
            window=LOOKED_AT,
        )
