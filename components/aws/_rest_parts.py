"""What a deployment of a REST API is a snapshot of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeVar

import pulumi
import pulumi_aws as aws

from components.aws._gateway import Gateway

Part = TypeVar("Part", bound=pulumi.CustomResource)

SECURITY_POLICY = "SecurityPolicy_TLS13_1_2_2021_06"
"""TLS 1.2 at least; without it the address still takes TLS 1.0."""


class Parts:
    """The API and everything in it: a change to any of these is live only once it is deployed."""

    def __init__(self, gateway: Gateway) -> None:
        self.name, self.child = gateway.name, gateway.child
        self.api = aws.apigateway.RestApi(
            gateway.name,
            name=gateway.physical_name,
            endpoint_configuration=aws.apigateway.RestApiEndpointConfigurationArgs(types="REGIONAL"),
            security_policy=SECURITY_POLICY,
            endpoint_access_mode="STRICT",
            opts=gateway.child("api"),
        )
        self._parts: list[pulumi.CustomResource] = [self.api]

    def add(self, part: Part) -> Part:
        self._parts.append(part)
        return part

    def deploy(self) -> aws.apigateway.Deployment:
        """A new deployment before the old one goes, so that the stage always has one."""
        return aws.apigateway.Deployment(
            self.name,
            rest_api=self.api.id,
            triggers={"definitions": self._fingerprint()},
            opts=self.child("deployment", pulumi.ResourceOptions(depends_on=self._parts)),
        )

    def _fingerprint(self) -> pulumi.Output[str]:
        """Of all that AWS knows of the parts, so that what a transform changes is deployed too."""
        known = [{name: getattr(part, name) for name in _properties(type(part))} for part in self._parts]
        return pulumi.Output.from_input(known).apply(_digest)


def _digest(known: Sequence[Mapping[str, object]]) -> str:
    """What is not set counts for nothing: a later SDK may know more of a part."""
    told = [{name: value for name, value in part.items() if value is not None} for part in known]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _properties(kind: type[pulumi.CustomResource]) -> list[str]:
    """The provider's own ones, not those that each resource has."""
    return [name for name, member in vars(kind).items() if isinstance(member, property)]
