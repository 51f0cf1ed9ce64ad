"""Transforms reach every child, and say so when there is no such child."""

from __future__ import annotations

import re
from importlib import import_module

import pulumi
import pytest

from components.errors import TransformError
from components.group import Group
from components.targets import TargetName
from tests.graph import RefusedInputsError, Resource, build, config


def _longer(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
    return pulumi.ResourceTransformResult({**args.props, "visibility_timeout_seconds": 222}, args.opts)


def test_a_transform_changes_any_argument_of_its_child() -> None:
    graph = build(config("local"), transforms={"queue/inventory": {"queue": _longer}})
    assert graph.one("Queue", "inventory").inputs["visibility_timeout_seconds"] == 222
    assert graph.one("Queue", "analytics").inputs["visibility_timeout_seconds"] == 60


def test_a_transform_reaches_a_component_inside_a_component() -> None:
    graph = build(config("local"), transforms={"notification/ops-notification": {"queue": _longer}})
    assert graph.one("Queue", "ops-notification").inputs["visibility_timeout_seconds"] == 222


def test_what_a_provider_would_refuse_does_not_pass_under_mocks() -> None:
    def misspelt(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        return pulumi.ResourceTransformResult({**args.props, "visibilty_timeout_seconds": 222}, args.opts)

    with pytest.raises(RefusedInputsError, match=r"^Queue inventory: .* unknown field `visibilty_timeout_seconds`$"):
        build(config("local"), transforms={"queue/inventory": {"queue": misspelt}})


def test_a_transform_of_an_unknown_child_names_the_known_ones() -> None:
    with pytest.raises(TransformError) as refused:
        build(config("local"), transforms={"queue/inventory": {"bucket": _longer}})
    assert str(refused.value) == (
        "transform of queue inventory: there is no bucket; there is queue, consumer; correct the name"
    )


def test_a_transform_of_an_unknown_component_names_the_known_ones(target: TargetName) -> None:
    with pytest.raises(TransformError, match=r"^transform of the order system: there is no queue/inventry; there is "):
        build(config(target), transforms={"queue/inventry": {"queue": _longer}})


def test_a_components_type_says_which_target_made_it(target: TargetName) -> None:
    kinds = {resource.type for resource in build(config(target)) if resource.type.startswith("orderly:")}
    assert kinds - {"orderly:index:OrderSystem"} == {kind for kind in kinds if kind.startswith(f"orderly:{target}:")}


def test_every_childs_parent_is_its_component(target: TargetName) -> None:
    graph = build(config(target))
    components = {resource.urn for resource in graph if resource.type.startswith("orderly:")}
    assert all(resource.parent in components for resource in graph if not resource.type.startswith("orderly:index:"))


def test_every_child_can_be_reached_by_a_transform(target: TargetName) -> None:
    reached: set[tuple[str, str]] = set()

    def hook(args: pulumi.ResourceTransformArgs) -> None:
        reached.add((args.type_, args.name))

    plain = build(config(target))
    components = [found for found in plain if found.type.startswith(f"orderly:{target}:")]
    outermost = [found for found in components if found.parent.endswith("orderly:index:OrderSystem::orderly")]
    build(config(target), transforms={_key(found): dict.fromkeys(_children(found), hook) for found in outermost})
    assert reached == {(found.type, found.name) for found in plain if not found.type.startswith("orderly:")}


def _key(component: Resource) -> str:
    return f"{_module(component)}/{component.name}"


def _module(component: Resource) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", component.kind).lower()


def _children(component: Resource) -> tuple[str, ...]:
    target = component.type.split(":")[1]
    made: type[Group] = getattr(import_module(f"components.{target}.{_module(component)}"), component.kind)
    return made.CHILDREN
