"""How AWS answers: what it computes of a resource, and what it does not let go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.aws import outputs, recorded
from tests.engine.simulated.cloud import Asked, CloudError, Found
from tests.engine.simulated.file_cloud import Kept, key_of, refuse_second

FUNCTION = "aws:lambda/function:Function"
REFUSES_DELETION = {
    "aws:dynamodb/table:Table": ("deletionProtectionEnabled", True),
    "aws:cloudwatch/logGroup:LogGroup": ("deletionProtectionEnabled", True),
    "aws:cognito/userPool:UserPool": ("deletionProtection", "ACTIVE"),
}
"""The input that keeps a resource of this type from being deleted, and its value."""


class AwsRules:
    def found(self, asked: Asked, before: Found | None, kept: Kept) -> Found:
        known = {**asked.inputs, "version": str(_version(asked, before))} if asked.type == FUNCTION else asked.inputs
        resource_id, computed = outputs.computed(asked.type, asked.name, known, recorded.place(asked.provider))
        return Found(id=resource_id, inputs=dict(asked.inputs), computed=computed)

    def refuse_creation(self, asked: Asked, found: Found, kept: Kept) -> None:
        refuse_second(asked, found, kept)

    def goes(self, type_token: str, there: Found, kept: Kept) -> list[str]:
        name, value = REFUSES_DELETION.get(type_token, ("", None))
        if name and there.inputs.get(name) == value:
            raise CloudError(f"{type_token} {there.id} is protected from deletion")
        return [key_of(type_token, there.id)]


def _version(asked: Asked, before: Found | None) -> int:
    """A published version for each change of code or configuration; tags are neither."""
    published = before.computed.get("version", "1") if before else "1"
    if before is None or not published.isdigit():
        return 1
    return int(published) + (_untagged(before.inputs) != _untagged(asked.inputs))


def _untagged(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {**inputs, "tags": None}
