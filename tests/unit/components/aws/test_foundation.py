"""What all of AWS stands on: one region, one account, and a ceiling over every role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.errors import WiringError
from components.foundation import FoundationArgs
from components.naming import RULES
from components.queue import QueueArgs
from tests.graph import Graph, build, config, record
from tests.unit.components.making import QUEUE

REGION = "eu-central-1"


def _with(**block: object) -> Graph:
    return build(config("aws", aws={"region": REGION, **block}))


def _provider(graph: Graph) -> Any:  # noqa: ANN401 JSON
    (provider,) = (found for found in graph if found.type == "pulumi:providers:aws")
    return provider.inputs


def test_everything_is_made_by_one_provider_that_is_bound_to_the_region() -> None:
    graph = _with(account="123456789012")
    provider = _provider(graph)
    assert provider["region"] == REGION
    assert json.loads(provider["allowedAccountIds"]) == ["123456789012"]
    assert json.loads(provider["defaultTags"])["tags"] == {
        "orderly:project": "orderly",
        "orderly:stack": "local",
        "orderly:stage": "dev",
    }


def test_without_an_account_in_the_stack_file_it_is_that_of_the_credentials() -> None:
    graph = _with()
    assert "allowedAccountIds" not in _provider(graph)
    assert graph.outputs["account"] == "123456789012"
    assert f":{graph.outputs['account']}:" in graph.one("sqs.Queue", "fulfilment").state["arn"]


def test_no_role_has_a_boundary_unless_one_is_asked_for() -> None:
    graph = _with()
    assert {role.inputs.get("permissionsBoundary") for role in graph.of("iam.Role").values()} == {None}
    assert graph.of("iam.Policy") == {}


def test_every_role_has_the_boundary_that_is_named() -> None:
    arn = "arn:aws:iam::123456789012:policy/company/ceiling"
    roles = _with(permissions_boundary=arn).of("iam.Role").values()
    assert {role.inputs["permissionsBoundary"] for role in roles} == {arn}


def test_our_own_boundary_lets_no_role_delete_data_whatever_it_is_granted() -> None:
    graph = _with(permissions_boundary="own")
    (policy,) = graph.of("iam.Policy").values()
    assert {role.inputs["permissionsBoundary"] for role in graph.of("iam.Role").values()} == {policy.state["arn"]}
    through, never = json.loads(policy.inputs["policy"])["Statement"]
    assert through["NotAction"] == ["iam:*", "organizations:*", "account:*"]
    assert never["Effect"] == "Deny"
    assert {"dynamodb:DeleteTable", "dynamodb:UpdateTable", "s3:DeleteBucket"} <= set(never["Action"])


def test_our_own_boundary_denies_nothing_that_a_grant_gives() -> None:
    graph = _with(permissions_boundary="own")
    (policy,) = graph.of("iam.Policy").values()
    _, never = json.loads(policy.inputs["policy"])["Statement"]
    granted = {
        action
        for role in graph.of("iam.RolePolicy").values()
        for statement in json.loads(role.inputs["policy"])["Statement"]
        for action in statement["Action"]
    }
    assert granted
    assert granted.isdisjoint(never["Action"])


def test_a_component_of_another_targets_foundation_is_refused() -> None:
    from components.aws.queue import Queue
    from components.local.foundation import Foundation

    def program() -> dict[str, object]:
        local = Foundation("elsewhere", args=FoundationArgs(config=config("local")))
        Queue(
            "parcels",
            args=QueueArgs(visibility_timeout=QUEUE.visibility_timeout, max_receive_count=5),
            foundation=local,
        )
        return {}

    with pytest.raises(WiringError, match=r"components\.local\.foundation and has no Account behind it"):
        record(program)


@pytest.mark.parametrize("stack", ["dev", "s" * 100])
def test_names_fit_however_long_the_stacks_is(stack: str) -> None:
    """The recorder refuses each name that botocore's models would."""
    graph = build(
        config("aws", aws={"region": REGION, "account": "123456789012", "permissions_boundary": "own"}), stack=stack
    )
    longest = {kind: rule.longest for (target, kind), rule in RULES.items() if target == "aws"}
    assert max(len(found.inputs["name"]) for found in graph.of("lambda.Function").values()) <= longest["function"]
    assert max(len(found.inputs["name"]) for found in graph.of("iam.Role").values()) <= longest["role"]
