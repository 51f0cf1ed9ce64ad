"""What AWS and its provider add to a resource's inputs: identifiers, ARNs and addresses of their real shape.

The same resource gets the same answer every time. The shapes are those of AWS's own documents; `parliament` matches the
actions of a policy with the ARNs made here, so an ARN of another shape would be found there.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.aws.api_outputs import API_OUTPUTS
from tests.aws.service_outputs import SERVICE_OUTPUTS
from tests.templates import Shape, Words, filled

ACCOUNT = "123456789012"
REGION = "eu-central-1"
SHAPES: Mapping[str, Shape] = {**SERVICE_OUTPUTS, **API_OUTPUTS}
"""By type token, the texts that are computed, each of which may use those before it."""

CREATED = "2026-01-01T00:00:00Z"


class UnknownResourceError(Exception):
    def __init__(self, type_token: str) -> None:
        super().__init__(
            f"the tests do not know {type_token}: add what AWS computes of it to tests/aws/service_outputs.py or "
            f"api_outputs.py, and the request that it becomes to tests/aws/calls.py"
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a provider deploys to."""

    region: str = REGION
    account: str = ACCOUNT


def computed(type_token: str, logical_name: str, inputs: Mapping[str, Any], place: Place) -> tuple[str, dict[str, Any]]:
    """The identifier, and what is added to the inputs. UnknownResourceError for a type without a shape."""
    shape = SHAPES.get(type_token)
    if shape is None:
        raise UnknownResourceError(type_token)
    return filled(shape, _known(type_token, logical_name, inputs, place), _WORDS)


def invoked(token: str, place: Place) -> dict[str, Any]:
    """The answer to a question that a program asks the provider."""
    if token == "aws:index/getCallerIdentity:getCallerIdentity":  # noqa: S105 a type token
        arn = f"arn:aws:sts::{place.account}:assumed-role/deployer/session"
        return {"accountId": place.account, "arn": arn, "id": place.account, "userId": "AROAEXAMPLE:session"}
    raise UnknownResourceError(token)


def _known(type_token: str, logical_name: str, inputs: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """What a template can name. A name that was not given is made as the provider makes one."""
    digest = hashlib.sha256(f"{type_token} {logical_name}".encode()).hexdigest()
    return {
        "name": f"{logical_name}-{digest[:7]}",
        **inputs,
        "region": inputs.get("region", place.region),
        "account": place.account,
        "digest": digest,
        "uuid": str(uuid.UUID(digest[:32])),
        "logical_name": logical_name,
        "created": CREATED,
    }


class _Words(Words):
    """`{functionName!n}` is the name in a name, an ARN or an address; `{name!u}` is in capitals."""

    def convert_field(self, value: Any, conversion: Any) -> Any:  # noqa: ANN401 as Formatter declares it
        if conversion == "n":
            return _bare_name(str(value))
        return str(value).upper() if conversion == "u" else super().convert_field(value, conversion)


_WORDS = _Words()


def _bare_name(reference: str) -> str:
    """`orders` of orders, of arn:aws:lambda:...:function:orders[:live] and of https://sqs.../orders."""
    if reference.startswith("arn:"):
        resource = reference.split(":", 5)[5]
        return resource.split(":")[1] if ":" in resource else resource.rpartition("/")[2]
    return reference.rpartition("/")[2]
