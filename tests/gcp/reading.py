"""What a graph of Google Cloud says, in the words of tests/reading.py: read off the inputs that Google would get."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from functions.domain.events import EventType
from tests.gcp import pubsub_filter
from tests.gcp.landscape import Grant, Landscape, account_of, last_part, variables
from tests.graph import Graph, Resource
from tests.reading import Deliveries, Redelivery, Route

OF_EVERY_FUNCTION = frozenset({"ORDERLY_PROJECT", "THREADS"})
"""What a function here is told besides."""
PUBLISH = "roles/pubsub.publisher"
ROLES: Mapping[str, tuple[str, str]] = {
    "roles/secretmanager.secretAccessor": ("read", "secret"),
    "roles/storage.objectCreator": ("write", "bucket"),
    "roles/run.invoker": ("invoke", "function"),
}
GET, LIST = "datastore.entities.get", "datastore.entities.list"
CREATE, UPDATE = "datastore.entities.create", "datastore.entities.update"
VERBS: Mapping[frozenset[str], str] = {
    frozenset({GET, LIST}): "read database",
    frozenset({CREATE, UPDATE}): "write database",
    frozenset({CREATE, GET, UPDATE}): "guard database",
    frozenset({"workflows.executions.create"}): "start workflow",
}
"""What the permissions of a role of ours amount to; any other set is one that no grant gives."""
CONTRACTS: Mapping[str, str] = {"EventBus": "bus", "Topic": "topic", "Queue": "queue", "Database": "database"}
NAMES: Mapping[str, str] = {
    "pubsub.Topic": "id",
    "firestore.Database": "name",
    "workflows.Workflow": "id",
    "storage.Bucket": "name",
}
"""By kind, what of it a function is told."""


class GcpReading:
    operators = "queue/ops-notification"

    def redelivery(self, graph: Graph, queue: str) -> Redelivery:
        (found,) = {
            (each.inputs["ackDeadlineSeconds"], each.inputs["deadLetterPolicy"]["maxDeliveryAttempts"])
            for each in _pushing(graph)
            if _queue_of(graph, each) == queue
        }
        return Redelivery(seconds=found[0], deliveries=found[1])

    def deliveries(self, graph: Graph, queue: str) -> Deliveries:
        (function,) = {
            _at(graph, each.inputs["pushConfig"]["pushEndpoint"]).name
            for each in _pushing(graph)
            if _queue_of(graph, each) == queue
        }
        service = _function(graph, function).inputs["serviceConfig"]
        return Deliveries(
            function=function, at_once=service["maxInstanceCount"] * int(service["environmentVariables"]["THREADS"])
        )

    def rules(self, graph: Graph) -> Mapping[str, Route]:
        """What the bus's topic is subscribed by; a topic's subscriptions are on it where a rule feeds the topic."""
        buses = {each.id for each in graph.of("pubsub.Topic").values() if _owner(each)[0] == "EventBus"}
        found = {}
        for subscription in (each for each in _pushing(graph) if each.inputs["topic"] in buses):
            queue, (contract, component) = _queue_of(graph, subscription), _owner(subscription)
            if contract == "Topic":
                found[subscription.name.removesuffix(f"-{queue}")] = Route(to=f"topic/{component}")
            else:
                found[subscription.name] = _route(graph, subscription, f"queue/{queue}")
        return found

    def subscriptions(self, graph: Graph) -> frozenset[Route]:
        return frozenset(
            _route(graph, each, _queue_of(graph, each)) for each in _pushing(graph) if _owner(each)[0] == "Topic"
        )

    def change_feed(self, graph: Graph) -> str:
        (trigger,) = graph.of("eventarc.Trigger").values()
        service = trigger.inputs["destination"]["cloudRunService"]["service"]
        (function,) = [each for each in _functions(graph) if each.inputs["name"] == service]
        return function.name

    def variables(self, graph: Graph, function: str) -> Mapping[str, str]:
        """A name is read as that of the component that it is of; a secret's variable as the secret's."""
        found = _function(graph, function)
        names = {**_names(graph), **_mounted(graph, found)}
        told = {name: value for name, value in variables(found).items() if name not in OF_EVERY_FUNCTION}
        return {name: names.get(value, value) for name, value in told.items()}

    def timeout_seconds(self, graph: Graph, function: str) -> float:
        return float(_function(graph, function).inputs["serviceConfig"]["timeoutSeconds"])

    def grants(self, graph: Graph, function: str) -> frozenset[str]:
        account = f"serviceAccount:{account_of(_function(graph, function))}"
        return frozenset(_granted(graph, each) for each in Landscape(graph).grants if each.member == account)

    def performers(self, graph: Graph) -> Mapping[str, str]:
        (workflow,) = graph.of("workflows.Workflow").values()
        calls = _task_calls(json.loads(workflow.inputs["sourceContents"])["main"])
        return {task: _at(graph, url).name for task, url in calls}

    def schedule(self, graph: Graph) -> tuple[str, str, str]:
        (job,) = (found.inputs for found in graph.of("cloudscheduler.Job").values())
        return job["schedule"], job["timeZone"], _at(graph, job["httpTarget"]["uri"]).name

    def protected(self, graph: Graph) -> frozenset[str]:
        return frozenset("/".join((_owner(found)[0].lower(), _owner(found)[1])) for found in graph if found.protect)

    def secret_values(self, graph: Graph) -> Mapping[str, str]:
        return {name: found.inputs["secretData"] for name, found in graph.of("secretmanager.SecretVersion").items()}

    def alarms(self, graph: Graph) -> frozenset[tuple[str, str]]:
        labels = [found.inputs["userLabels"] for found in graph.of("monitoring.AlertPolicy").values()]
        return frozenset((each["about"], each["component"]) for each in labels)

    def believed(self, graph: Graph) -> tuple[str, str]:
        (config,) = graph.of("apigateway.ApiConfig").values()
        (document,) = config.inputs["openapiDocuments"]
        said = json.loads(base64.b64decode(document["document"]["contents"]))
        (token,) = said["securityDefinitions"].values()
        return token["x-google-issuer"], token["x-google-audiences"]

    def webhook(self, graph: Graph) -> str | None:
        return self.variables(graph, "notify-ops").get("ORDERLY_WEBHOOK_URL")

    def throttle(self, graph: Graph) -> tuple[float, int] | None:
        """API Gateway limits by API key only, as the target's differences declare."""
        return None


def _pushing(graph: Graph) -> Iterator[Resource]:
    return (found for found in graph.of("pubsub.Subscription").values() if "pushConfig" in found.inputs)


def _queue_of(graph: Graph, subscription: Resource) -> str:
    """What is given up on goes to the dead letters of the queue that it was for."""
    topic = subscription.inputs["deadLetterPolicy"]["deadLetterTopic"]
    (found,) = [each for each in graph.of("pubsub.Topic").values() if each.id == topic]
    contract, queue = _owner(found)
    assert (contract, found.name) == ("Queue", f"{queue}-dead-letters")
    return queue


def _route(graph: Graph, subscription: Resource, to: str) -> Route:
    """Read by trying the filter: of every type of event, and of totals on both sides of the threshold."""
    passes = pubsub_filter.parsed(subscription.inputs["filter"]) if "filter" in subscription.inputs else _everything
    passing = {each.value for each in EventType if passes({"event_type": each.value, "tier": "high"})}
    ordinary = {each.value for each in EventType if passes({"event_type": each.value, "tier": "standard"})}
    assert not ordinary or ordinary == passing
    threshold = variables(_function(graph, "relay"))["ORDERLY_HIGH_VALUE_MINOR"]
    return Route(
        to=to,
        event_types=frozenset() if len(passing) == len(EventType) else frozenset(passing),
        above=None if ordinary else int(threshold),
    )


def _everything(attributes: Mapping[str, str]) -> bool:
    return True


def _granted(graph: Graph, grant: Grant) -> str:
    if grant.made.kind == "projects.IAMMember":
        return _granted_on_the_project(graph, grant)
    if grant.role == PUBLISH:
        return _published(graph, grant)
    verb, contract = ROLES[grant.role]
    return f"{verb} {contract}/{_owner(grant.made)[1]}"


def _granted_on_the_project(graph: Graph, grant: Grant) -> str:
    """By a custom role: on the one workflow that there is, or on the database of the condition."""
    allowed = VERBS[frozenset(Landscape(graph).permissions(grant.role))]
    databases = graph.of("firestore.Database").values()
    if grant.condition is None:
        (on,) = graph.of("workflows.Workflow").values()
    else:
        (on,) = [each for each in databases if grant.condition == f'resource.name == "{each.id}"']
    return f"{allowed}/{on.name}"


def _published(graph: Graph, grant: Grant) -> str:
    """Who consumes a queue or a feed is let put what is hopeless among its dead letters, and nothing else."""
    (topic,) = [each for each in graph.of("pubsub.Topic").values() if last_part(each.id) == grant.on]
    contract, component = _owner(topic)
    if topic.name.endswith("-dead-letters"):
        return f"consume {CONTRACTS[contract]}/{component}"
    return f"{'send' if contract == 'Queue' else 'publish'} {CONTRACTS[contract]}/{component}"


def _owner(resource: Resource) -> tuple[str, str]:
    """Contract's class and name of the component that a resource is a child of."""
    kind, _, name = resource.parent.rpartition("::")
    return kind.rpartition(":")[2], name


def _functions(graph: Graph) -> list[Resource]:
    return list(graph.of("cloudfunctionsv2.Function").values())


def _function(graph: Graph, name: str) -> Resource:
    return graph.one("cloudfunctionsv2.Function", name)


def _at(graph: Graph, url: str) -> Resource:
    found = Landscape(graph).function_at(url)
    assert found, f"{url} is no function of the graph"
    return found


def _names(graph: Graph) -> dict[str, str]:
    return {
        each.id if output == "id" else each.state[output]: _owner(each)[1]
        for kind, output in NAMES.items()
        for each in graph.of(kind).values()
    }


def _mounted(graph: Graph, function: Resource) -> dict[str, str]:
    secrets = {each.inputs["secretId"]: each.name for each in graph.of("secretmanager.Secret").values()}
    mounted = function.inputs["serviceConfig"].get("secretEnvironmentVariables", ())
    return {each["key"]: secrets[each["secret"]] for each in mounted}


def _task_calls(found: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 JSON
    """Task and URL of every call."""
    if isinstance(found, list):
        for each in found:
            yield from _task_calls(each)
    elif isinstance(found, dict):
        if "url" in found and "task" in found.get("body", {}):
            yield found["body"]["task"], found["url"]
        for each in found.values():
            yield from _task_calls(each)
