"""A graph as AWS would see it: which resource an ARN means, what belongs to what, and what exists before what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from tests.aws.conditions import Told, arn_like
from tests.aws.policies import Statement, statements
from tests.graph import Graph, Resource

OVER_TLS = {"aws:SecureTransport": "true"}


def told_of(source: str) -> Told:
    """What a service says of whom it acts for, and that it comes over TLS."""
    return {**OVER_TLS, "aws:SourceArn": source, "aws:SourceAccount": account_of(source)}


def account_of(arn: str) -> str:
    return arn.split(":")[4]


def bus_named(reference: str | None) -> str:
    """A bus is named by its name or its ARN."""
    return (reference or "default").rpartition("/")[2]


class Landscape:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def of(self, *kinds: str) -> Iterator[Resource]:
        """As `sqs.Queue`."""
        return (found for found in self.graph if found.kind in kinds and found.type.startswith("aws:"))

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        return statements(self.graph)

    def at(self, arn: Any) -> Resource | None:  # noqa: ANN401 whatever an input holds
        """The resource that an ARN, an address or an identifier means; of a log group also with its `:*`."""
        return self._by_reference.get(str(arn).removesuffix(":*"))

    def function_of(self, reference: Any) -> Resource | None:  # noqa: ANN401
        """The function that a name, its own ARN or its alias's ARN means."""
        found = self.at(reference)
        if found is not None and found.kind == "lambda.Alias":
            return self.function_of(found.inputs["functionName"])
        if found is not None and found.kind == "lambda.Function":
            return found
        return self._functions.get(str(reference))

    def alias_of(self, function: Resource) -> Resource | None:
        return next((alias for alias in self.of("lambda.Alias") if self.function_of(alias.id) is function), None)

    def rule_of(self, target: Resource) -> Resource | None:
        """A rule is the same only on the same bus."""
        bus = bus_named(target.inputs.get("eventBusName"))
        return next(
            (
                rule
                for rule in self.of("cloudwatch.EventRule")
                if rule.inputs["name"] == target.inputs["rule"] and bus_named(rule.inputs.get("eventBusName")) == bus
            ),
            None,
        )

    def role_named(self, name: Any) -> Resource | None:  # noqa: ANN401
        return next((role for role in self.of("iam.Role") if role.inputs.get("name") == name), None)

    def allowed(self, role: Resource, action: str, on: str, told: Told = OVER_TLS) -> list[Statement]:
        """What lets the role do it."""
        own = (found for found in self.statements if found.owner.kind == "iam.RolePolicy")
        return [found for found in own if found.subject == role.inputs["name"] and found.allows(action, on, told)]

    def let_in_by(self, service: str, action: str, on: Resource, told: Told) -> list[Resource]:
        """The policies of a resource that let a service do it; none if one forbids it."""
        arn = str(on.state["arn"])
        subjects = {on.id, arn, str(on.state.get("url"))}
        found = [
            each
            for each in self.statements
            if each.subject in subjects and each.names(service) and each.is_about(action, arn, told)
        ]
        return [] if any(each.effect == "Deny" for each in found) else [each.owner for each in found]

    def called_by(self, service: str, alias: Resource, *, source: str) -> list[Resource]:
        """The permissions that let a service call a function by its alias."""
        return [
            permission
            for permission in self.of("lambda.Permission")
            if permission.inputs["principal"] == service
            and permission.inputs["action"] in {"lambda:InvokeFunction", "lambda:*"}
            and self.function_of(permission.inputs["function"]) is self.function_of(alias.id)
            and permission.inputs.get("qualifier") == alias.inputs["name"]
            and _is_from(permission, source)
        ]

    @cached_property
    def _functions(self) -> dict[str, Resource]:
        return {found.inputs["name"]: found for found in self.of("lambda.Function")}

    @cached_property
    def _by_reference(self) -> dict[str, Resource]:
        """By ARN first: an identifier that is the ARN of something else belongs to a policy of that."""
        found = {resource.id: resource for resource in self.graph if resource.type.startswith("aws:")}
        for key in ("url", "streamArn", "arn"):
            owners = (each for each in self.graph if key in each.state and key not in each.inputs)
            found.update({str(owner.state[key]): owner for owner in owners})
        return found


def _is_from(permission: Resource, source: str) -> bool:
    account = account_of(source)
    return arn_like(permission.inputs.get("sourceArn", source), source) and (
        permission.inputs.get("sourceAccount", account) == account
    )
