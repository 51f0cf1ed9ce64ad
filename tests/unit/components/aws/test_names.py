"""Every name that we give is one that AWS takes, by the models of its services that botocore brings."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from components.naming import BOTOCORE, RULES, physical_name

SHAPES = {
    "function": ("lambda", "FunctionName"),
    "role": ("iam", "roleNameType"),
    "policy": ("iam", "policyNameType"),
    "event_bus": ("events", "EventBusName"),
    "rule": ("events", "RuleName"),
    "event_archive": ("events", "ArchiveName"),
    "connection": ("events", "ConnectionName"),
    "api_destination": ("events", "ApiDestinationName"),
    "database": ("dynamodb", "TableName"),
    "workflow": ("stepfunctions", "Name"),
    "schedule": ("scheduler", "Name"),
    "schedule_group": ("scheduler", "ScheduleGroupName"),
    "secret": ("secretsmanager", "NameType"),
    "alarm": ("cloudwatch", "AlarmName"),
    "user_pool": ("cognito-idp", "UserPoolNameType"),
    "user_pool_domain": ("cognito-idp", "DomainType"),
    "web_acl": ("wafv2", "EntityName"),
    "key_alias": ("kms", "AliasNameType"),
}
"""By kind of thing, the service and its shape for the name."""
ELSEWHERE = {
    "queue": r"[A-Za-z0-9_-]{1,80}",
    "topic": r"[A-Za-z0-9_-]{1,256}",
    "dashboard": r"[A-Za-z0-9_-]{1,255}",
    "api": r".{1,128}",
    "bucket": r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,61}(?<!-s3alias)(?<!--ol-s3)[a-z0-9]",
}
"""What the models leave out, as the services' references have it."""
KINDS = sorted(kind for target, kind in RULES if target == "aws")
PULUMI_NAME = st.text("abcxyzABC019-_.", min_size=1, max_size=100)
NAME = st.one_of(PULUMI_NAME, st.text(min_size=1, max_size=100))
"""Whatever a component adds to its own: the rules promise a legal name for any text, so no ending is left out here."""


def test_every_kind_of_name_has_a_rule_of_aws_to_be_held_against() -> None:
    assert set(KINDS) == SHAPES.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("kind", KINDS)
@given(project=PULUMI_NAME, stack=PULUMI_NAME, component=NAME)
def test_a_name_is_legal_whatever_project_and_stack_are_called(
    kind: str, project: str, stack: str, component: str
) -> None:
    name = physical_name(RULES["aws", kind], project=project, stack=stack, name=component)
    if kind in ELSEWHERE:
        assert re.fullmatch(ELSEWHERE[kind], name)
        return
    service, shape = SHAPES[kind]
    rule = _shape(service, shape)
    written = f"alias/{name}" if kind == "key_alias" else name
    assert rule["min"] <= len(written) <= rule["max"]
    assert re.fullmatch(rule.get("pattern", ".*"), written)


@pytest.mark.parametrize("kind", KINDS)
def test_no_rule_is_wider_than_the_model(kind: str) -> None:
    """A function's shape takes a whole ARN, so its own limit comes from the reference."""
    if kind in SHAPES and kind != "function" and RULES["aws", kind].source == BOTOCORE:
        assert RULES["aws", kind].longest <= _shape(*SHAPES[kind])["max"]


@cache
def _shape(service: str, shape: str) -> dict[str, Any]:
    found: dict[str, Any] = Loader().load_service_model(service, "service-2")["shapes"][shape]
    return found
