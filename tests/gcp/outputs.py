"""What Google Cloud and its provider add to a resource's inputs: identifiers and addresses of their real shape.

The same resource gets the same answer every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.gcp.computed import SHAPES
from tests.templates import Words, filled

PROJECT = "orderly-test"
NUMBER = "123456789012"
REGION = "europe-west1"


class UnknownResourceError(Exception):
    def __init__(self, type_token: str) -> None:
        super().__init__(
            f"the tests do not know {type_token}: add what Google Cloud computes of it to tests/gcp/computed.py, and "
            f"the schema that it becomes to tests/gcp/requests.py"
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a provider fills in where a resource does not say it."""

    project: str = PROJECT
    region: str = REGION


def computed(type_token: str, logical_name: str, inputs: Mapping[str, Any], place: Place) -> tuple[str, dict[str, Any]]:
    """The identifier, and what is added to the inputs. UnknownResourceError for a type without a shape."""
    shape = SHAPES.get(type_token)
    if shape is None:
        raise UnknownResourceError(type_token)
    digest = hashlib.sha256(f"{type_token} {logical_name} {inputs}".encode()).hexdigest()
    known: dict[str, Any] = {
        "name": f"{logical_name}-{digest[:7]}",
        "project": place.project,
        "region": place.region,
        **inputs,
        "number": NUMBER,
        "digest": digest,
    }
    return filled(shape, known, _WORDS)


def invoked(token: str, arguments: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The answer to a question that a program asks the provider."""
    project = arguments.get("projectId") or arguments.get("project") or place.project
    if token == "gcp:organizations/getProject:getProject":  # noqa: S105 a type token
        return {"id": f"projects/{project}", "projectId": project, "number": NUMBER, "name": project}
    if token == "gcp:storage/getProjectServiceAccount:getProjectServiceAccount":  # noqa: S105 a type token
        email = f"service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
        return {"id": email, "project": project, "emailAddress": email, "member": f"serviceAccount:{email}"}
    raise UnknownResourceError(token)


_WORDS = Words()
