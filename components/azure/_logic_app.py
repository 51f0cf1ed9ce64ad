"""A Logic App of the Consumption tier that reads a queue and posts to the webhook, as an identity of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.azure._alarms import Alarm, Metric
from components.azure._identity import ManagedIdentity
from components.azure._mounts import Mount
from components.azure._ops_message import CONNECTION, WEBHOOK, Signer, definition
from components.azure._subscription import Subscription
from components.group import Child

CHILDREN = ("connection", "logic-app")
CONNECTIONS = "2016-06-01"
"""The newest that is no preview; whether it takes a connection by identity only an account shows."""


@dataclass(frozen=True, kw_only=True)
class Webhook:
    url: pulumi.Input[str]
    secret: Mount


@dataclass(frozen=True, kw_only=True)
class LogicApp:
    """What one is made of; `granted` has to exist before its first run."""

    name: str
    identity: ManagedIdentity
    queue: azure.servicebus.Queue
    at_once: int
    webhook: Webhook | None
    granted: Sequence[pulumi.Resource]


def make_logic_app(app: LogicApp, *, subscription: Subscription, child: Child) -> azure.logic.Workflow:
    connection = _connection(app.name, subscription, child)
    return azure.logic.Workflow(
        app.name,
        resource_group_name=subscription.group_name,
        location=subscription.location,
        workflow_name=subscription.name("logic_app", app.name),
        identity=azure.logic.ManagedServiceIdentityArgs(
            type=azure.logic.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[app.identity.id]
        ),
        state=azure.logic.WorkflowState.ENABLED,
        definition=_definition(app),
        parameters=_parameters(app, connection, subscription),
        opts=child("logic-app", pulumi.ResourceOptions(depends_on=list(app.granted))),
    )


def failures(name: str, app: azure.logic.Workflow) -> Alarm:
    return Alarm(
        about="failed-notifications",
        contract="notification",
        of=name,
        says=f"A run of {name} failed: the webhook did not take what it was told; the run's history says why.",
        measured=Metric(name="RunsFailed", namespace="microsoft.logic/workflows", of=app.id, aggregation="Total"),
        threshold=0,
    )


def _connection(name: str, subscription: Subscription, child: Child) -> azure.resources.Resource:
    """By identity. The provider's own class of connections knows those with keys alone."""
    return azure.resources.Resource(
        name,
        resource_group_name=subscription.group_name,
        resource_provider_namespace="Microsoft.Web",
        parent_resource_path="",
        resource_type="connections",
        resource_name_=subscription.name("connection", name),
        api_version=CONNECTIONS,
        location=subscription.location,
        properties={
            "displayName": f"{name}: Service Bus",
            "api": {"id": _managed_api(subscription)},
            "parameterValueSet": {
                "name": "managedIdentityAuth",
                "values": {
                    "namespaceEndpoint": {"value": pulumi.Output.concat("sb://", subscription.namespace.host, "/")}
                },
            },
        },
        opts=child("connection"),
    )


def _managed_api(subscription: Subscription) -> str:
    location = f"/subscriptions/{subscription.id}/providers/Microsoft.Web/locations/{subscription.location}"
    return f"{location}/managedApis/{CONNECTION}"


def _definition(app: LogicApp) -> pulumi.Output[dict[str, Any]]:
    if app.webhook is None:
        return app.queue.name.apply(lambda queue: definition(queue, at_once=app.at_once, signer=None))
    told = pulumi.Output.all(app.queue.name, app.identity.id, app.webhook.secret.vault, app.webhook.secret.secret)
    return told.apply(
        lambda found: definition(
            found[0], at_once=app.at_once, signer=Signer(identity=found[1], vault=found[2], secret=found[3])
        )
    )


def _parameters(
    app: LogicApp, connection: azure.resources.Resource, subscription: Subscription
) -> dict[str, azure.logic.WorkflowParameterArgs]:
    """The address may carry a token, so it is in no definition."""
    by_identity = {"authentication": {"type": "ManagedServiceIdentity", "identity": app.identity.id}}
    connected = {
        "connectionId": connection.id,
        "connectionName": connection.name,
        "connectionProperties": by_identity,
        "id": _managed_api(subscription),
    }
    parameters = {
        "$connections": azure.logic.WorkflowParameterArgs(
            type=azure.logic.ParameterType.OBJECT, value={CONNECTION: connected}
        )
    }
    if app.webhook:
        parameters[WEBHOOK] = azure.logic.WorkflowParameterArgs(
            type=azure.logic.ParameterType.SECURE_STRING, value=app.webhook.url
        )
    return parameters
