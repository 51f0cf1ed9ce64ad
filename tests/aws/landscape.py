"""A graph as AWS would see it: which resource an ARN means, what belongs to what, and what exists before what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from tests.aws.policies import Statement, matches, statements
from tests.graph import Graph, Resource


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

    def role_named(self, name: Any) -> Resource | None:  # noqa: ANN401
        return next((role for role in self.of("iam.Role") if role.inputs.get("name") == name), None)

    def comes_after(self, resource: Resource, other: Resource) -> bool:
        """Whether the one is not begun before the other is there."""
        return other.urn in self._before(resource.urn)

    def allowed(self, role: Resource, action: str, on: str) -> list[Statement]:
        """What lets the role do it."""
        own = (found for found in self.statements if found.owner.kind == "iam.RolePolicy")
        return [found for found in own if found.subject == role.inputs["name"] and found.allows(action, on)]

    def lets(self, service: str, action: str, on: Resource, *, source: str) -> bool:
        """Whether the policy of a resource lets a service do it for `source`."""
        subjects = {on.id, str(on.state.get("arn")), str(on.state.get("url"))}
        return any(found.lets(service, action, source=source) for found in self.statements if found.subject in subjects)

    def may_call(self, service: str, alias: Resource, *, source: str) -> bool:
        """Whether a permission lets a service call a function by its alias."""
        return any(
            permission.inputs["principal"] == service
            and self.function_of(permission.inputs["function"]) is self.function_of(alias.id)
            and permission.inputs.get("qualifier") == alias.inputs["name"]
            and _is_from(permission, source)
            for permission in self.of("lambda.Permission")
        )

    def _before(self, urn: str) -> frozenset[str]:
        if urn not in self._closures:
            direct = self._direct.get(urn, frozenset())
            self._closures[urn] = direct.union(*(self._before(each) for each in direct))
        return self._closures[urn]

    @cached_property
    def _closures(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _direct(self) -> dict[str, frozenset[str]]:
        return {found.urn: found.dependencies for found in self.graph}

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
    return matches(permission.inputs.get("sourceArn", "*"), source)
