"""What a graph of Azure says, in the words of tests/reading.py: read off the inputs that Azure would get."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

from components.azure._roles import Role
from functions.domain.events import EventType
from tests.graph import Graph, Resource
from tests.reading import Deliveries, Redelivery, Route

OVERRIDE = "AzureFunctionsJobHost__"
OF_EVERY_FUNCTION = re.compile(
    r"AZURE_|AzureWebJobs|APPLICATIONINSIGHTS_|PYTHON_|AzureFunctionsJobHost__|ORDERLY_(HANDLER|CALLERS|AUDIENCE|SECRET_)"
    r"|CLEANUP_SCHEDULE|(COSMOS|SERVICE_BUS)__"
)
"""What an app is told besides, for its host and its connections."""
ROLES: Mapping[tuple[str, str], str] = {
    (Role.SERVICE_BUS_SENDER, "Queue"): "send queue",
    (Role.SERVICE_BUS_RECEIVER, "Queue"): "consume queue",
    (Role.SERVICE_BUS_SENDER, "Topic"): "publish topic",
    (Role.EVENT_GRID_SENDER, "EventBus"): "publish bus",
    (Role.SECRETS_USER, "Secret"): "read secret",
}
"""By role, and by contract of the component that grants it, what it amounts to."""
OF_THE_APP_ITSELF = {
    Role.BLOB_DATA_OWNER,
    Role.QUEUE_DATA_CONTRIBUTOR,
    Role.TABLE_DATA_CONTRIBUTOR,
    Role.METRICS_PUBLISHER,
    Role.DURABLE_TASK_DATA_CONTRIBUTOR,
}
"""On its own storage account and the log."""
DATA = "Microsoft.DocumentDB/databaseAccounts/"
VERBS: Mapping[frozenset[str], str] = {
    frozenset({"readMetadata", "items/read", "executeQuery"}): "read",
    frozenset({"readMetadata", "items/read", "items/create", "items/replace", "executeQuery"}): "write",
    frozenset({"readMetadata", "items/read", "items/create", "items/replace"}): "guard",
    frozenset({"readMetadata", "readChangeFeed", "items/read", "executeQuery"}): "follow",
    frozenset(
        {"readMetadata", "items/read", "items/create", "items/replace", "items/upsert", "items/delete", "executeQuery"}
    ): "lease",
}
"""What the actions of a role of ours amount to; any other set is one that no grant gives."""
OF_THE_DATABASE: Mapping[frozenset[tuple[str, str]], frozenset[str]] = {
    frozenset({("follow", "orders"), ("lease", "leases")}): frozenset({"consume"}),
    frozenset({("read", "")}): frozenset({"read"}),
    frozenset({("write", "")}): frozenset({"write"}),
    frozenset({("read", ""), ("write", "")}): frozenset({"read", "write"}),
    frozenset({("guard", "runs")}): frozenset(),
}
"""By verbs and the containers that they are on, what a grant gives; the guard's container goes with a start."""


class AzureReading:
    operators = "queue/ops-notification"

    def redelivery(self, graph: Graph, queue: str) -> Redelivery:
        found = graph.one("servicebus.Queue", queue).inputs
        assert found["forwardDeadLetteredMessagesTo"] == f"{queue}-dead-letters"
        return Redelivery(seconds=_seconds(found["lockDuration"]), deliveries=found["maxDeliveryCount"])

    def deliveries(self, graph: Graph, queue: str) -> Deliveries:
        (app,) = [
            found
            for found in _apps(graph)
            if settings(found).get("ORDERLY_QUEUE") == queue and "ORDERLY_DEAD_LETTERS" in settings(found)
        ]
        of_each = int(settings(app)[f"{OVERRIDE}extensions__serviceBus__maxConcurrentCalls"])
        return Deliveries(function=app.name, at_once=of_each * _scale(app)["maximumInstanceCount"])

    def rules(self, graph: Graph) -> Mapping[str, Route]:
        return {found.name: _route(graph, found) for found in graph.of("eventgrid.EventSubscription").values()}

    def subscriptions(self, graph: Graph) -> frozenset[Route]:
        filters = {
            (each.inputs["topicName"], each.inputs["subscriptionName"]): each.inputs["sqlFilter"]["sqlExpression"]
            for each in graph.of("servicebus.DefaultRule").values()
        }
        return frozenset(
            Route(
                to=found.inputs["forwardTo"],
                event_types=_passing(filters[found.inputs["topicName"], found.inputs["subscriptionName"]]),
            )
            for found in graph.of("servicebus.Subscription").values()
        )

    def change_feed(self, graph: Graph) -> str:
        (app,) = [found for found in _apps(graph) if settings(found)["ORDERLY_HANDLER"] == "relay"]
        assert settings(app)["COSMOS__credential"] == "managedidentity"
        return app.name

    def variables(self, graph: Graph, function: str) -> Mapping[str, str]:
        """A name is read as that of the component that it is of; a secret's variable as the secret's."""
        told = settings(_app(graph, function))
        names = {**_names(graph), **_mounted(told)}
        return {name: names.get(value, value) for name, value in told.items() if not OF_EVERY_FUNCTION.match(name)}

    def timeout_seconds(self, graph: Graph, function: str) -> float:
        hours, minutes, seconds = settings(_app(graph, function))[f"{OVERRIDE}functionTimeout"].split(":")
        return timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds)).total_seconds()

    def grants(self, graph: Graph, function: str) -> frozenset[str]:
        principal = principal_of(graph, _app(graph, function))
        return frozenset((*_roles(graph, principal), *_data_roles(graph, principal), *_started(graph, principal)))

    def performers(self, graph: Graph) -> Mapping[str, str]:
        (workflow,) = [found for found in _apps(graph) if settings(found)["ORDERLY_HANDLER"] == "workflow"]
        by_address = {f"https://{found.inputs['name']}.azurewebsites.net/task": found.name for found in _apps(graph)}
        tasks: dict[str, str] = json.loads(settings(workflow)["ORDERLY_TASKS"])
        return {task: by_address[url] for task, url in tasks.items()}

    def schedule(self, graph: Graph) -> tuple[str, str, str]:
        (app,) = [found for found in _apps(graph) if "CLEANUP_SCHEDULE" in settings(found)]
        second, _, cron = settings(app)["CLEANUP_SCHEDULE"].partition(" ")
        assert second == "0"
        return cron, "UTC", app.name

    def protected(self, graph: Graph) -> frozenset[str]:
        return frozenset("/".join((_owner(found)[0].lower(), _owner(found)[1])) for found in graph if found.protect)

    def secret_values(self, graph: Graph) -> Mapping[str, str]:
        return {name: found.inputs["properties"]["value"] for name, found in graph.of("keyvault.Secret").items()}

    def alarms(self, graph: Graph) -> frozenset[tuple[str, str]]:
        made = (*graph.of("monitor.MetricAlert").values(), *graph.of("monitor.ScheduledQueryRule").values())
        return frozenset((found.inputs["tags"]["about"], found.inputs["tags"]["component"]) for found in made)

    def believed(self, graph: Graph) -> tuple[str, str]:
        (told,) = {
            (verified.findtext("issuers/issuer"), verified.findtext("audiences/audience"))
            for policy in graph.of("apimanagement.ApiOperationPolicy").values()
            for verified in ElementTree.fromstring(policy.inputs["value"]).iter("validate-jwt")  # noqa: S314 our own
        }
        return str(told[0]), str(told[1])

    def webhook(self, graph: Graph) -> str | None:
        (app,) = graph.of("logic.Workflow").values()
        address: str | None = app.inputs["parameters"].get("webhook", {}).get("value")
        return address

    def throttle(self, graph: Graph) -> tuple[float, int] | None:
        """By the tier Consumption nobody is limited, as the target's differences declare."""
        policy = ElementTree.fromstring(graph.one("apimanagement.ApiPolicy", "api").inputs["value"])  # noqa: S314 our own
        limit = policy.find("inbound/rate-limit-by-key")
        if limit is None:
            return None
        calls = int(limit.attrib["calls"])
        return calls / int(limit.attrib["renewal-period"]), calls


def settings(app: Resource) -> Mapping[str, str]:
    return {each["name"]: each["value"] for each in app.inputs["siteConfig"]["appSettings"]}


def principal_of(graph: Graph, app: Resource) -> str:
    (identity,) = app.inputs["identity"]["userAssignedIdentities"]
    (found,) = [each for each in graph.of("managedidentity.UserAssignedIdentity").values() if each.id == identity]
    return str(found.state["principalId"])


def _apps(graph: Graph) -> Iterator[Resource]:
    return iter(graph.of("web.WebApp").values())


def _app(graph: Graph, function: str) -> Resource:
    return graph.one("web.WebApp", function)


def _scale(app: Resource) -> Mapping[str, Any]:
    found: Mapping[str, Any] = app.inputs["functionAppConfig"]["scaleAndConcurrency"]
    return found


def _seconds(duration: str) -> int:
    found = re.fullmatch(r"PT([0-9]+)S", duration)
    assert found, duration
    return int(found[1])


def _route(graph: Graph, subscription: Resource) -> Route:
    destination = subscription.inputs["deliveryWithResourceIdentity"]["destination"]
    kind = {"ServiceBusQueue": "servicebus.Queue", "ServiceBusTopic": "servicebus.Topic"}[destination["endpointType"]]
    (to,) = [each for each in graph.of(kind).values() if each.id == destination["resourceId"]]
    asked = subscription.inputs["filter"]
    above = [
        each["value"]
        for each in asked.get("advancedFilters", ())
        if (each["operatorType"], each["key"]) == ("NumberGreaterThan", "data.total_minor")
    ]
    assert len(above) == len(asked.get("advancedFilters", ()))
    return Route(
        to=f"{kind.rpartition('.')[2].lower()}/{to.name}",
        event_types=frozenset(asked.get("includedEventTypes", ())),
        above=above[0] if above else None,
    )


def _passing(expression: str) -> frozenset[str]:
    """The types of events that a filter names; all of them are as good as none."""
    if expression == "1=1":
        return frozenset()
    found = re.fullmatch(r"event_type IN \((.*)\)", expression)
    assert found, expression
    named = frozenset(re.findall(r"'([^']*)'", found[1]))
    assert named < {each.value for each in EventType}
    return named


def _roles(graph: Graph, principal: str) -> Iterator[str]:
    """Who consumes a queue or a feed is let put what is hopeless among its dead letters besides."""
    for found in graph.of("authorization.RoleAssignment").values():
        role = found.inputs["roleDefinitionId"].rpartition("/")[2]
        if found.inputs["principalId"] != principal or role in OF_THE_APP_ITSELF:
            continue
        contract, component = _owner(found)
        if contract == "Bucket":
            yield f"{_of_our_role(graph, role)} bucket/{component}"
        elif not found.inputs["scope"].endswith("-dead-letters"):
            yield f"{ROLES[role, contract]}/{component}"


def _of_our_role(graph: Graph, role: str) -> str:
    (found,) = [each for each in graph.of("authorization.RoleDefinition").values() if each.id.endswith(role)]
    (permission,) = found.inputs["permissions"]
    assert permission == {
        "dataActions": ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"],
    }
    return "write"


def _data_roles(graph: Graph, principal: str) -> Iterator[str]:
    assigned = [
        found
        for found in graph.of("cosmosdb.SqlResourceSqlRoleAssignment").values()
        if found.inputs["principalId"] == principal
    ]
    by_database: dict[str, set[tuple[str, str]]] = {}
    for found in assigned:
        database, _, container = found.inputs["scope"].partition("/dbs/")[2].partition("/colls/")
        by_database.setdefault(database, set()).add((_verb_of(graph, found.inputs["roleDefinitionId"]), container))
    for database, verbs in by_database.items():
        for verb in OF_THE_DATABASE[frozenset(verbs)]:
            yield f"{verb} database/{database}"


def _verb_of(graph: Graph, role: str) -> str:
    (found,) = [each for each in graph.of("cosmosdb.SqlResourceSqlRoleDefinition").values() if each.id == role]
    (permission,) = found.inputs["permissions"]
    shortened = (
        action.removeprefix(DATA).removeprefix("sqlDatabases/containers/") for action in permission["dataActions"]
    )
    return VERBS[frozenset(shortened)]


def _started(graph: Graph, principal: str) -> Iterator[str]:
    """Whom the workflow's app lets in."""
    for found in graph.of("web.WebAppAuthSettingsV2").values():
        policy = found.inputs["identityProviders"]["azureActiveDirectory"]["validation"]["defaultAuthorizationPolicy"]
        contract, component = _owner(found)
        if contract == "Workflow" and principal in policy["allowedPrincipals"]["identities"]:
            yield f"start workflow/{component}"


def _owner(resource: Resource) -> tuple[str, str]:
    """Contract's class and name of the component that a resource is a child of."""
    kind, _, name = resource.parent.rpartition("::")
    return kind.rpartition(":")[2], name


def _names(graph: Graph) -> dict[str, str]:
    """What a function is told of a component that is not its name already."""
    found = {each.state["endpoint"]: _owner(each)[1] for each in graph.of("eventgrid.Topic").values()}
    for container in graph.of("storage.BlobContainer").values():
        account = container.inputs["accountName"]
        found[f"https://{account}.blob.core.windows.net/{container.inputs['containerName']}"] = _owner(container)[1]
    for app in _apps(graph):
        found[f"https://{app.inputs['name']}.azurewebsites.net/runs"] = _owner(app)[1]
    return found


def _mounted(told: Mapping[str, str]) -> dict[str, str]:
    references = {
        name: re.fullmatch(r"@Microsoft\.KeyVault\(VaultName=[^;]+;SecretName=([^;)]+)\)", value)
        for name, value in told.items()
    }
    return {name: found[1] for name, found in references.items() if found}
