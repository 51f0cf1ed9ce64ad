"""Who may do what on AWS: scopes at the gateway, tenants in IAM."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from functions.adapters.aws.clients import AwsClient
from tests.aws.outputs import ACCOUNT, REGION
from tests.e2e.api import Api, order
from tests.e2e.aws.operating import Operator, name
from tests.e2e.aws.sign_in import token_for
from tests.e2e.aws.system import AwsSystem

pytestmark = pytest.mark.e2e

NO_SCOPE: Mapping[str | None, int] = {"http-api": 403, "rest-api": 401}
"""A REST API does not tell who may not from who is nobody. The function, which looks again, would say 403."""
DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"


def test_a_token_without_a_routes_scope_is_refused_by_the_gateway(api: Api, system: AwsSystem) -> None:
    token = token_for(system, "ours", scopes=("openid", "orderly/orders:read"))
    assert api.ask("GET", "/orders", token=token).status == 200
    refused = api.ask("POST", "/orders", json=order(), token=token, key="refused")
    assert refused.status == NO_SCOPE[api.gateway]
    if api.gateway == "http-api":
        assert refused.json() == {"message": "Forbidden"}


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_changed_anywhere_is_refused_by_the_gateway(api: Api, part: int) -> None:
    parts = api.token.split(".")
    parts[part] = parts[part][:-5] + ("A" if parts[part][-5] != "A" else "B") + parts[part][-4:]
    assert api.ask("GET", "/orders", token=".".join(parts)).status == 401


@pytest.fixture
def as_the_api(operator: Operator) -> Iterator[Session]:
    """A session of the API's own role, which for the test the account itself may assume."""
    iam, role = operator.client("iam"), name("role", "api")
    before = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    opened = {**before, "Statement": [*before["Statement"], trust]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(opened))
    yield assumed(operator.client("sts"), "api")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))


def assumed(sts: AwsClient, role: str, **tags: str) -> Session:
    session = Session()
    given = sts.assume_role(
        RoleArn=f"{ROLES}{name('role', role)}",
        RoleSessionName="test",
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )["Credentials"]
    session.set_credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    return session


def client(system: AwsSystem, session: Session, service: str) -> AwsClient:
    return session.create_client(service, region_name=REGION, endpoint_url=f"http://{system.cloud.address}")


def reads(dynamodb: AwsClient, tenant: str, order_id: str) -> bool:
    """False: IAM says no."""
    key = {"pk": {"S": f"TENANT#{tenant}#ORDER#{order_id}"}, "sk": {"S": "ORDER"}}
    return _allowed(lambda: dynamodb.get_item(TableName=name("database", "orders"), Key=key))


def lists(dynamodb: AwsClient, tenant: str) -> bool:
    return _allowed(
        lambda: dynamodb.query(
            TableName=name("database", "orders"),
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"TENANT#{tenant}#STATUS#PLACED"}},
        )
    )


def _allowed(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] not in DENIED:
            raise
        return False
    return True


def test_iam_confines_a_session_of_the_tenants_role_to_that_tenant(
    api: Api, system: AwsSystem, as_the_api: Session
) -> None:
    order_id = api.place()
    sts = client(system, as_the_api, "sts")
    ours, theirs = (client(system, assumed(sts, "orders-tenant", tenant=who), "dynamodb") for who in ("ours", "theirs"))
    assert [reads(who, "ours", order_id) for who in (ours, theirs)] == [True, False]
    assert [lists(who, "ours") for who in (ours, theirs)] == [True, False]
    assert not _allowed(lambda: ours.scan(TableName=name("database", "orders")))


def test_without_a_tenants_session_the_api_reaches_no_order(api: Api, system: AwsSystem, as_the_api: Session) -> None:
    order_id, own = api.place(), client(system, as_the_api, "dynamodb")
    assert not reads(own, "ours", order_id)
    assert not lists(own, "ours")


def test_the_tenants_role_is_assumed_with_the_one_tag_or_not_at_all(system: AwsSystem, as_the_api: Session) -> None:
    sts = client(system, as_the_api, "sts")
    assert not _allowed(lambda: assumed(sts, "orders-tenant"))
    assert not _allowed(lambda: assumed(sts, "orders-tenant", tenant="ours", admin="yes"))
