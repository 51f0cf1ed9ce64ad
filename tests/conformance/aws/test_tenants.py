"""A tenant's orders are reached with credentials that say so.

ministack by itself knows sessions and their tags, but neither the key `dynamodb:LeadingKeys` nor variables in policies:
a role here admits one tenant by name. That the deployed role admits each tenant to its own keys, and to no others,
tests/e2e/aws/test_access.py shows on a ministack that is told both; that AWS fills them in, only AWS can show.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.session import Session

from functions.adapters.aws.clients import Clients
from functions.adapters.aws.ports import AwsPorts
from functions.adapters.aws.tenants import (
    MAX_TENANTS,
    SigningCredentials,
    TenantAccessError,
    TenantSessions,
    sign_for_tenants,
)
from functions.domain.errors import RetryableError
from functions.domain.order import OrderStatus
from functions.environment import Environment, Variable
from tests.conformance.aws.calls import scripted
from tests.conformance.aws_target import create_table
from tests.ministack import ACCOUNT, REGION, Ministack
from tests.unit.functions.orders import NOON, placed
from tests.unit.functions.services.memory import HandMovedClock

ROLE = f"arn:aws:iam::{ACCOUNT}:role/tenant"
OWN = Credentials("own-key", "own-secret")


@dataclass
class Sts:
    """Gives each session a key that names its tenant and how often the tenant has come; lasts an hour."""

    clock: HandMovedClock = field(default_factory=HandMovedClock)
    requests: list[dict[str, Any]] = field(default_factory=list)
    asked_by: list[str] = field(default_factory=list)

    def assume_role(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 -- as botocore's
        self.requests.append(request)
        self.asked_by.append(str(SigningCredentials(OWN).get_frozen_credentials().access_key))
        tenant = request["Tags"][0]["Value"]
        return {
            "Credentials": {
                "AccessKeyId": f"{tenant}-{self.requests.count(request)}",
                "SecretAccessKey": "secret",
                "SessionToken": "token",
                "Expiration": self.clock.now() + timedelta(hours=1),
            }
        }


@pytest.fixture
def sts() -> Sts:
    return Sts()


@pytest.fixture
def sessions(sts: Sts) -> TenantSessions:
    return TenantSessions(sts, ROLE, now=sts.clock.now)


def signed_with(sessions: TenantSessions, tenant: str) -> str:
    with sessions.signed_for(tenant):
        return str(SigningCredentials(OWN).get_frozen_credentials().access_key)


def test_a_session_is_tagged_with_its_tenant_and_lasts_as_long_as_it_may(sessions: TenantSessions, sts: Sts) -> None:
    signed_with(sessions, "acme")
    assert sts.requests == [
        {
            "RoleArn": ROLE,
            "RoleSessionName": "acme",
            "Tags": [{"Key": "tenant", "Value": "acme"}],
            "DurationSeconds": 3600,
        }
    ]


def test_a_tenant_of_one_letter_has_a_session_name_that_is_long_enough(sessions: TenantSessions, sts: Sts) -> None:
    signed_with(sessions, "a")
    assert (sts.requests[0]["RoleSessionName"], sts.requests[0]["Tags"][0]["Value"]) == ("a_", "a")


def test_a_session_is_renewed_five_minutes_before_its_end(sessions: TenantSessions, sts: Sts) -> None:
    assert [signed_with(sessions, "acme") for _ in range(2)] == ["acme-1"] * 2
    sts.clock.advance(minutes=54, seconds=59)
    assert signed_with(sessions, "acme") == "acme-1"
    sts.clock.advance(seconds=1)
    assert [signed_with(sessions, "acme") for _ in range(2)] == ["acme-2"] * 2


def test_tenants_that_come_at_once_never_share(sessions: TenantSessions) -> None:
    together = threading.Barrier(8)

    def sign(number: int) -> str:
        with sessions.signed_for(f"tenant{number}"):
            together.wait()
            return str(SigningCredentials(OWN).get_frozen_credentials().access_key)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(sign, range(8))) == [f"tenant{number}-1" for number in range(8)]


def test_who_is_done_signs_as_before_also_after_a_failure(sessions: TenantSessions) -> None:
    def fail() -> None:
        with sessions.signed_for("other"):
            raise LookupError

    with sessions.signed_for("acme"):
        with pytest.raises(LookupError):
            fail()
        assert SigningCredentials(OWN).get_frozen_credentials().access_key == "acme-1"
    assert SigningCredentials(OWN).get_frozen_credentials().access_key == "own-key"


def test_the_function_itself_asks_for_a_tenants_session(sessions: TenantSessions, sts: Sts) -> None:
    """No tenant's session may assume a role."""
    with sessions.signed_for("acme"), sessions.signed_for("globex"):
        assert SigningCredentials(OWN).get_frozen_credentials().access_key == "globex-1"
    assert sts.asked_by == ["own-key", "own-key"]


def test_a_session_whose_clients_would_sign_as_the_function_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client keeps the credentials that it was made with."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "own-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own-secret")
    session = Session()
    session.create_client("sts", region_name=REGION)
    with pytest.raises(RuntimeError, match="has made a client already"):
        sign_for_tenants(session)


def test_the_tenants_seen_last_are_remembered(sessions: TenantSessions, sts: Sts) -> None:
    for number in range(MAX_TENANTS):
        signed_with(sessions, f"tenant{number}")
    signed_with(sessions, "tenant0")
    signed_with(sessions, "another")
    assert (signed_with(sessions, "tenant0"), len(sts.requests)) == ("tenant0-1", MAX_TENANTS + 1)
    assert signed_with(sessions, "tenant1") == "tenant1-2"


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "Throttling", "RegionDisabledException"])
def test_a_tenant_without_access_may_come_again(code: str) -> None:
    client, stubber = scripted("sts")
    stubber.add_client_error("assume_role", service_error_code=code)
    with pytest.raises(TenantAccessError, match=f"acme: {code}"), TenantSessions(client, ROLE).signed_for("acme"):
        pass
    assert issubclass(TenantAccessError, RetryableError)


def test_an_sts_that_does_not_answer_may_be_asked_again() -> None:
    class Silent:
        def assume_role(self, **_: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://sts")

    with pytest.raises(TenantAccessError, match="EndpointConnectionError"):
        signed_with(TenantSessions(Silent(), ROLE), "acme")


@dataclass
class Guarded:
    """A function that may do nothing but become a tenant, in an account that enforces its policies."""

    ports: AwsPorts
    own_key: str
    sent: list[tuple[str, str]] = field(default_factory=list)
    """Each call of DynamoDB, and the key that it was signed with."""

    def note(self, **event: Any) -> None:  # noqa: ANN401 -- botocore's
        headers = event["request"].headers
        operation = _text(headers["X-Amz-Target"]).partition(".")[2]
        self.sent.append((operation, _text(headers["Authorization"]).partition("Credential=")[2].partition("/")[0]))


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header


@pytest.fixture(scope="module")
def strict() -> Iterator[Ministack]:
    with Ministack(variables={"AUTH": "true"}) as running:
        create_table(running, "orders")
        _create_role(running)
        yield running


@pytest.fixture
def guarded(strict: Ministack, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """Its clients find everything in the environment, as they do in Lambda."""
    key = _function_key(strict)
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{strict.address}",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }.items():
        monkeypatch.setenv(name, value)
    variables = {Variable.DATABASE.value: "orders", Variable.TENANT_ROLE.value: ROLE}
    guarded = Guarded(AwsPorts(Environment(variables), Clients()), key["AccessKeyId"])
    guarded.ports.orders.table.client.meta.events.register("before-send", guarded.note)
    return guarded


def _create_role(cloud: Ministack) -> None:
    """Admits sessions of the tenant acme."""
    trust = _allow("sts:AssumeRole", "sts:TagSession", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
    verbs = ("GetItem", "Query", "PutItem", "UpdateItem", "ConditionCheckItem")
    policy = _allow(
        *(f"dynamodb:{verb}" for verb in verbs),
        Resource=[table, f"{table}/index/gsi1"],
        Condition={"StringEquals": {"aws:PrincipalTag/tenant": "acme"}},
    )
    cloud.iam.create_role(RoleName="tenant", AssumeRolePolicyDocument=json.dumps(trust))
    cloud.iam.put_role_policy(RoleName="tenant", PolicyName="orders", PolicyDocument=json.dumps(policy))
    cloud.iam.create_user(UserName="function")
    become = _allow("sts:AssumeRole", "sts:TagSession", Resource=ROLE)
    cloud.iam.put_user_policy(UserName="function", PolicyName="tenants", PolicyDocument=json.dumps(become))


def _function_key(cloud: Ministack) -> dict[str, str]:
    key: dict[str, str] = cloud.iam.create_access_key(UserName="function")["AccessKey"]
    return key


def _allow(*actions: str, **rest: Any) -> dict[str, Any]:  # noqa: ANN401 -- a policy's
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), **rest}]}


def test_every_call_for_a_tenant_is_signed_by_the_tenants_session(guarded: Guarded) -> None:
    orders = guarded.ports.orders
    order, events = placed()
    orders.add(order, events, None)
    orders.append(*order.reserve(NOON))
    orders.get("acme", order.order_id)
    orders.timeline("acme", order.order_id)
    orders.page("acme", None, 10, None)
    assert [operation for operation, _ in guarded.sent] == [
        *("TransactWriteItems", "TransactWriteItems", "GetItem", "Query"),
        *["Query"] * len(OrderStatus),
    ]
    (key,) = {key for _, key in guarded.sent}
    assert key != guarded.own_key


def test_a_session_of_another_tenant_does_not_get_in(guarded: Guarded) -> None:
    order, events = placed(tenant="other")
    with pytest.raises(ClientError, match="AccessDenied"):
        guarded.ports.orders.add(order, events, None)
    guarded.ports.orders.add(*placed(), None)
    keys = {key for _, key in guarded.sent}
    assert len(keys - {guarded.own_key}) == len(keys) == 2


def test_what_is_no_tenants_is_signed_by_the_function_itself(guarded: Guarded) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        guarded.ports.orders.stale(OrderStatus.PLACED, datetime.now(NOON.tzinfo), 10)
    assert guarded.sent == [("Query", guarded.own_key)]
