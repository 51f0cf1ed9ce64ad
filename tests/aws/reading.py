"""What a graph of AWS says, in the words of tests/reading.py: read off the inputs that AWS would get, by their ARNs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.aws.grants import grants_of
from tests.aws.lookup import by_arn, owner, where
from tests.graph import Graph, Resource
from tests.reading import Deliveries, Redelivery, Route


class AwsReading:
    operators = "notification/ops-notification"

    def redelivery(self, graph: Graph, queue: str) -> Redelivery:
        inputs = graph.one("sqs.Queue", queue).inputs
        redrive = json.loads(inputs["redrivePolicy"])
        assert owner(by_arn(graph, redrive["deadLetterTargetArn"])) == ("queue", queue)
        return Redelivery(seconds=inputs["visibilityTimeoutSeconds"], deliveries=redrive["maxReceiveCount"])

    def deliveries(self, graph: Graph, queue: str) -> Deliveries:
        arn = graph.one("sqs.Queue", queue).state["arn"]
        (mapping,) = where(graph, "lambda.EventSourceMapping", eventSourceArn=arn)
        return Deliveries(
            function=_called(graph, mapping.inputs["functionName"]),
            at_once=mapping.inputs["scalingConfig"]["maximumConcurrency"],
        )

    def rules(self, graph: Graph) -> Mapping[str, Route]:
        return {name: self._rule(graph, rule) for name, rule in graph.of("cloudwatch.EventRule").items()}

    def subscriptions(self, graph: Graph) -> frozenset[Route]:
        return frozenset(
            self._subscribed(graph, each) for each in where(graph, "sns.TopicSubscription", protocol="sqs")
        )

    def change_feed(self, graph: Graph) -> str:
        (table,) = graph.of("dynamodb.Table").values()
        (feed,) = where(graph, "lambda.EventSourceMapping", eventSourceArn=table.state["streamArn"])
        return _called(graph, feed.inputs["functionName"])

    def variables(self, graph: Graph, function: str) -> Mapping[str, str]:
        """A physical name or ARN is read as the name of the component that it is of."""
        variables = _function(graph, function).inputs["environment"]["variables"]
        names = _references(graph)
        return {name: names.get(value, value) for name, value in variables.items()}

    def timeout_seconds(self, graph: Graph, function: str) -> float:
        return float(_function(graph, function).inputs["timeout"])

    def grants(self, graph: Graph, function: str) -> frozenset[str]:
        return frozenset(grants_of(graph, _function(graph, function).inputs["role"]))

    def performers(self, graph: Graph) -> Mapping[str, str]:
        """By what the state machine calls, and with which task."""
        (machine,) = graph.of("sfn.StateMachine").values()
        calls = _task_calls(json.loads(machine.inputs["definition"])["States"])
        return {task: _called(graph, alias) for task, alias in calls}

    def schedule(self, graph: Graph) -> tuple[str, str, str]:
        (schedule,) = (found.inputs for found in graph.of("scheduler.Schedule").values())
        function = _called(graph, schedule["target"]["arn"])
        return _unix_cron(schedule["scheduleExpression"]), schedule["scheduleExpressionTimezone"], function

    def protected(self, graph: Graph) -> frozenset[str]:
        return frozenset("/".join(owner(found)) for found in graph if found.protect)

    def secret_values(self, graph: Graph) -> Mapping[str, str]:
        return {name: found.inputs["secretString"] for name, found in graph.of("secretsmanager.SecretVersion").items()}

    def alarms(self, graph: Graph) -> frozenset[tuple[str, str]]:
        """An alarm's name is its contract, its component and what it is about."""
        components = {_owner_words(found) for found in graph if found.type.startswith("orderly:aws:")}
        return frozenset(_alarm(name, components) for name in graph.of("cloudwatch.MetricAlarm"))

    def believed(self, graph: Graph) -> tuple[str, str]:
        (authorizer,) = graph.of("apigatewayv2.Authorizer").values()
        (audience,) = authorizer.inputs["jwtConfiguration"]["audiences"]
        return authorizer.inputs["jwtConfiguration"]["issuer"], audience

    def webhook(self, graph: Graph) -> str | None:
        endpoints = [each.inputs["invocationEndpoint"] for each in graph.of("cloudwatch.EventApiDestination").values()]
        return endpoints[0] if endpoints else None

    def throttle(self, graph: Graph) -> tuple[float, int]:
        (stage,) = (found.inputs["defaultRouteSettings"] for found in graph.of("apigatewayv2.Stage").values())
        return stage["throttlingRateLimit"], stage["throttlingBurstLimit"]

    @staticmethod
    def _rule(graph: Graph, rule: Resource) -> Route:
        (target,) = where(graph, "cloudwatch.EventTarget", rule=rule.state["name"])
        pattern = json.loads(rule.inputs["eventPattern"])
        assert pattern["source"] == ["orderly"]
        ((operator, above),) = [each["numeric"] for each in pattern.get("detail", {}).get("total_minor", ())] or [
            (">", None)
        ]
        assert operator == ">"
        return Route(
            to="/".join(owner(by_arn(graph, target.inputs["arn"]))),
            event_types=frozenset(pattern.get("detail-type", ())),
            above=above,
        )

    @staticmethod
    def _subscribed(graph: Graph, subscription: Resource) -> Route:
        assert subscription.inputs["rawMessageDelivery"] is True
        policy = json.loads(subscription.inputs.get("filterPolicy", "{}"))
        assert not policy or subscription.inputs["filterPolicyScope"] == "MessageBody"
        _, queue = owner(by_arn(graph, subscription.inputs["endpoint"]))
        return Route(to=queue, event_types=frozenset(policy.get("type", ())))


def _owner_words(component: Resource) -> tuple[str, str]:
    return component.kind.lower(), component.name


def _called(graph: Graph, alias_arn: str) -> str:
    """The function whose alias `live` it is; nothing calls a function otherwise."""
    alias = by_arn(graph, alias_arn)
    assert (alias.kind, alias.inputs["name"]) == ("lambda.Alias", "live")
    return owner(alias)[1]


def _function(graph: Graph, name: str) -> Resource:
    return graph.one("lambda.Function", name)


def _references(graph: Graph) -> dict[str, str]:
    return {
        found.state[output]: owner(found)[1]
        for kind, output in (
            ("sqs.Queue", "url"),
            ("sns.Topic", "arn"),
            ("cloudwatch.EventBus", "name"),
            ("dynamodb.Table", "name"),
            ("sfn.StateMachine", "arn"),
            ("s3.Bucket", "bucket"),
            ("secretsmanager.Secret", "arn"),
        )
        for found in graph.of(kind).values()
    }


def _task_calls(states: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Task and alias of every call, in branches too."""
    for state in states.values():
        for branch in state.get("Branches", ()):
            yield from _task_calls(branch["States"])
        if state["Type"] == "Task":
            yield state["Parameters"]["Payload"]["task"], state["Parameters"]["FunctionName"]


def _unix_cron(expression: str) -> str:
    """Minute, hour and days as everywhere else; here only single days of the week are read back."""
    minute, hour, day, month, weekday, year = expression.removeprefix("cron(").removesuffix(")").split()
    assert year == "*"
    day_of_week = str(int(weekday) - 1) if weekday.isdigit() else weekday
    return " ".join((minute, hour, day, month, day_of_week)).replace("?", "*")


def _alarm(name: str, components: set[tuple[str, str]]) -> tuple[str, str]:
    for contract, component in components:
        for word in (contract, contract.replace("eventbus", "event_bus")):
            if name.startswith(f"{word}-{component}-"):
                return name.removeprefix(f"{word}-{component}-"), component
    raise AssertionError(f"alarm {name} is about no component of the graph")
