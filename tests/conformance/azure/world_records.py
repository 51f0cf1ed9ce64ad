"""Records of a few lines, as a deployment leaves them: of a kind, by identifier, with what Azure answers with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.world.records import Records

BUS = "/subscriptions/s/namespaces/bus"
TOPIC = f"{BUS}/topics/events"
SUBSCRIPTION = f"{TOPIC}/subscriptions/told"
CALLER, STRANGER = "caller", "stranger"


def records(*made: tuple[str, str, Mapping[str, Any]]) -> Records:
    """Each a kind as `servicebus.Queue`, an identifier, and values."""
    return Records(
        {
            f"azure-native:{kind.replace('.', ':')} {id_}": {"id": id_, "inputs": dict(values), "computed": {}}
            for kind, id_, values in made
        },
        Path(),
    )


def queue(name: str, **more: object) -> tuple[str, str, Mapping[str, Any]]:
    return "servicebus.Queue", f"{BUS}/queues/{name}", {"namespaceName": "bus", "queueName": name, **more}


def topic(**more: object) -> tuple[str, str, Mapping[str, Any]]:
    return "servicebus.Topic", TOPIC, {"namespaceName": "bus", "topicName": "events", **more}


def subscription(**more: object) -> tuple[str, str, Mapping[str, Any]]:
    of = {"namespaceName": "bus", "topicName": "events", "subscriptionName": "told"}
    return "servicebus.Subscription", SUBSCRIPTION, {**of, **more}


def rule(expression: str) -> tuple[str, str, Mapping[str, Any]]:
    return (
        "servicebus.DefaultRule",
        f"{SUBSCRIPTION}/rules/$Default",
        {"sqlFilter": {"sqlExpression": expression}},
    )


def assignment(role: str, scope: str, principal: str = CALLER) -> tuple[str, str, Mapping[str, Any]]:
    values = {"principalId": principal, "roleDefinitionId": f"/roleDefinitions/{role}", "scope": scope}
    return "authorization.RoleAssignment", f"{scope}/roleAssignments/{role}-{principal}", values


def identity(principal: str, tenant: str = "tenant") -> tuple[str, str, Mapping[str, Any]]:
    values = {"principalId": principal, "clientId": f"client-of-{principal}", "tenantId": tenant}
    return "managedidentity.UserAssignedIdentity", f"/identities/{principal}", values
