"""Cognito: the pool of users, the scopes of its resource server, and the client that an application signs in by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.e2e.aws.cloud.making import Maker, Making, sent


def _pool(making: Making) -> Mapping[str, Any]:
    policy = making.parameters(1)
    made = making.send(0, **({"Policies": policy} if policy else {}))["UserPool"]
    region = making.place.region
    return {"id": made["Id"], "arn": made["Arn"], "endpoint": f"cognito-idp.{region}.amazonaws.com/{made['Id']}"}


def _client(making: Making) -> Mapping[str, Any]:
    made = making.send()["UserPoolClient"]
    return {"id": made["ClientId"], "clientSecret": made.get("ClientSecret", "")}


MAKERS: Mapping[str, Maker] = {
    "aws:cognito/userPool:UserPool": _pool,
    "aws:cognito/resourceServer:ResourceServer": sent,
    "aws:cognito/userPoolClient:UserPoolClient": _client,
    "aws:cognito/userPoolDomain:UserPoolDomain": sent,
}
