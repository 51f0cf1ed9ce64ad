"""What a graph of AWS says, in the words of tests/reading.py: read off the inputs that AWS would get, by their ARNs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.graph import Graph, Resource
from tests.reading import Deliveries, Redelivery, Route

READ_ITEMS = frozenset({"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"})
READ_OF_A_TENANT = frozenset({"dynamodb:GetItem", "dynamodb:Query"})
READ_INDEX = frozenset({"dynamodb:Query"})
READ_STREAM = frozenset({"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"})
WRITE_ITEMS = frozenset({"dynamodb:PutItem", "dynamodb:UpdateItem"})
ASSUME = frozenset({"sts:AssumeRole", "sts:TagSession"})
VERBS: Mapping[frozenset[str], str] = {
    frozenset({"sqs:SendMessage"}): "send queue",
    frozenset(
        {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}
    ): "consume queue",
    frozenset({"sns:Publish"}): "publish topic",
    frozenset({"events:PutEvents"}): "publish bus",
    frozenset({"states:StartExecution"}): "start workflow",
    frozenset({"s3:PutObject"}): "write bucket",
    frozenset({"secretsmanager:GetSecretValue"}): "read secret",
    frozenset({"lambda:InvokeFunction"}): "invoke function",
    READ_ITEMS: "read database",
    WRITE_ITEMS: "write database",
    READ_STREAM: "consume database",
}
"""What a set of actions amounts to; any other set is a permission that no grant gives."""
OF_EVERY_FUNCTION = frozenset(
    {
        frozenset({"logs:CreateLogStream", "logs:PutLogEvents"}),
        frozenset({"xray:PutTraceSegments", "xray:PutTelemetryRecords"}),
    }
)
GOES_WITH_ANOTHER = frozenset(
    {READ_INDEX, frozenset({"dynamodb:ListStreams"}), frozenset({"kms:Decrypt", "kms:GenerateDataKey"})}
)
"""Says nothing by itself: the index of a table, the list of its streams, the key of a topic."""


class AwsReading:
    operators = "notification/ops-notification"

    def redelivery(self, graph: Graph, queue: str) -> Redelivery:
        inputs = graph.one("sqs.Queue", queue).inputs
        redrive = json.loads(inputs["redrivePolicy"])
        assert _owner(_by(graph, redrive["deadLetterTargetArn"])) == ("queue", queue)
        return Redelivery(seconds=inputs["visibilityTimeoutSeconds"], deliveries=redrive["maxReceiveCount"])

    def deliveries(self, graph: Graph, queue: str) -> Deliveries:
        arn = graph.one("sqs.Queue", queue).state["arn"]
        (mapping,) = _where(graph, "lambda.EventSourceMapping", eventSourceArn=arn)
        return Deliveries(
            function=_called(graph, mapping.inputs["functionName"]),
            at_once=mapping.inputs["scalingConfig"]["maximumConcurrency"],
        )

    def rules(self, graph: Graph) -> Mapping[str, Route]:
        return {name: self._rule(graph, rule) for name, rule in graph.of("cloudwatch.EventRule").items()}

    def subscriptions(self, graph: Graph) -> frozenset[Route]:
        return frozenset(
            self._subscribed(graph, each) for each in _where(graph, "sns.TopicSubscription", protocol="sqs")
        )

    def change_feed(self, graph: Graph) -> str:
        (table,) = graph.of("dynamodb.Table").values()
        (feed,) = _where(graph, "lambda.EventSourceMapping", eventSourceArn=table.state["streamArn"])
        return _called(graph, feed.inputs["functionName"])

    def variables(self, graph: Graph, function: str) -> Mapping[str, str]:
        """A physical name or ARN is read as the name of the component that it is of."""
        variables = _function(graph, function).inputs["environment"]["variables"]
        names = _references(graph)
        return {name: names.get(value, value) for name, value in variables.items()}

    def timeout_seconds(self, graph: Graph, function: str) -> float:
        return float(_function(graph, function).inputs["timeout"])

    def grants(self, graph: Graph, function: str) -> frozenset[str]:
        return frozenset(_grants(graph, _function(graph, function).inputs["role"]))

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
        return frozenset("/".join(_owner(found)) for found in graph if found.protect)

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
        (target,) = _where(graph, "cloudwatch.EventTarget", rule=rule.state["name"])
        pattern = json.loads(rule.inputs["eventPattern"])
        assert pattern["source"] == ["orderly"]
        ((operator, above),) = [each["numeric"] for each in pattern.get("detail", {}).get("total_minor", ())] or [
            (">", None)
        ]
        assert operator == ">"
        return Route(
            to="/".join(_owner(_by(graph, target.inputs["arn"]))),
            event_types=frozenset(pattern.get("detail-type", ())),
            above=above,
        )

    @staticmethod
    def _subscribed(graph: Graph, subscription: Resource) -> Route:
        assert subscription.inputs["rawMessageDelivery"] is True
        policy = json.loads(subscription.inputs.get("filterPolicy", "{}"))
        assert not policy or subscription.inputs["filterPolicyScope"] == "MessageBody"
        _, queue = _owner(_by(graph, subscription.inputs["endpoint"]))
        return Route(to=queue, event_types=frozenset(policy.get("type", ())))


def _where(graph: Graph, kind: str, **inputs: object) -> list[Resource]:
    return [
        found
        for found in graph.of(kind).values()
        if all(found.inputs.get(name) == value for name, value in inputs.items())
    ]


def _by(graph: Graph, arn: str) -> Resource:
    """The resource that has the ARN; a log group's may end in `:*`."""
    (found,) = [each for each in graph if _own_arn(each) == arn.removesuffix(":*")]
    return found


def _own_arn(resource: Resource) -> str | None:
    """One that is among its inputs is that of something else."""
    return None if "arn" in resource.inputs else resource.state.get("arn")


def _owner(resource: Resource) -> tuple[str, str]:
    """Contract and name of the component that a resource is a child of."""
    kind, _, name = resource.parent.rpartition("::")
    return kind.rpartition(":")[2].lower(), name


def _owner_words(component: Resource) -> tuple[str, str]:
    return component.kind.lower(), component.name


def _called(graph: Graph, alias_arn: str) -> str:
    """The function whose alias `live` it is; nothing calls a function otherwise."""
    alias = _by(graph, alias_arn)
    assert (alias.kind, alias.inputs["name"]) == ("lambda.Alias", "live")
    return _owner(alias)[1]


def _function(graph: Graph, name: str) -> Resource:
    return graph.one("lambda.Function", name)


def _references(graph: Graph) -> dict[str, str]:
    return {
        found.state[output]: _owner(found)[1]
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


def statements_of(graph: Graph, role_arn: str) -> list[dict[str, Any]]:
    """What a role may do by its own policies."""
    role = _by(graph, role_arn)
    return [
        statement
        for policy in _where(graph, "iam.RolePolicy", role=role.state["name"])
        for statement in json.loads(policy.inputs["policy"])["Statement"]
    ]


def _grants(graph: Graph, role_arn: str) -> Iterator[str]:
    """Of the role and of the roles that it may assume."""
    statements = statements_of(graph, role_arn)
    served = {"/".join(_owner(_resource(graph, arn))) for arn in (*_consumed(statements), *_parked(graph))}
    for statement in statements:
        actions = frozenset(statement["Action"])
        if actions in OF_EVERY_FUNCTION | GOES_WITH_ANOTHER:
            continue
        for arn in statement["Resource"]:
            if actions == ASSUME:
                yield from _of_a_tenant(graph, arn)
            elif "/".join(_owner(_resource(graph, arn))) not in served or actions != {"sqs:SendMessage"}:
                yield _grant(graph, actions, arn)


def _consumed(statements: list[dict[str, Any]]) -> Iterator[str]:
    """Queues and streams: who consumes one also puts what is hopeless among its dead letters."""
    for statement in statements:
        if {"sqs:ReceiveMessage", "dynamodb:GetRecords"} & set(statement["Action"]):
            yield from statement["Resource"]


def _parked(graph: Graph) -> Iterator[str]:
    """Where Lambda puts, as the function, what it could not call the function with."""
    for each in graph.of("lambda.FunctionEventInvokeConfig").values():
        yield each.inputs["destinationConfig"]["onFailure"]["destination"]


def _of_a_tenant(graph: Graph, role_arn: str) -> Iterator[str]:
    for statement in statements_of(graph, role_arn):
        assert statement["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"}, "a scan would not be confined"
        actions = frozenset(statement["Action"])
        if actions != READ_INDEX:
            assert actions == READ_OF_A_TENANT | {"dynamodb:PutItem"}
            (arn,) = statement["Resource"]
            yield f"read database/{_owner(_by(graph, arn))[1]}"
            yield f"write database/{_owner(_by(graph, arn))[1]}"


def _grant(graph: Graph, actions: frozenset[str], arn: str) -> str:
    assert actions in VERBS, f"no grant gives {sorted(actions)} on {arn}"
    return f"{VERBS[actions]}/{_owner(_resource(graph, arn))[1]}"


def _resource(graph: Graph, arn: str) -> Resource:
    """Of the ARN, or of the thing that it is a part of: a bucket's objects, a table's stream."""
    for found in graph:
        if arn in (_own_arn(found), found.state.get("streamArn"), f"{_own_arn(found)}/*"):
            return found
    raise AssertionError(f"nothing in the graph is {arn}")


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
