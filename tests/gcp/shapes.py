"""Whether Google Cloud's provider would take the inputs of one resource, before anything is asked of Google."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests import sdk
from tests.gcp import discovery, limits, texts
from tests.gcp.limits import NAMED
from tests.gcp.outputs import UnknownResourceError
from tests.gcp.requests import REQUESTS
from tests.sdk import Problem

STAGE_DECIDES: Mapping[str, tuple[str, ...]] = {
    "gcp:firestore/database:Database": ("deletionPolicy", "deleteProtectionState"),
    "gcp:workflows/workflow:Workflow": ("deletionProtection",),
}
"""What the provider decides otherwise than we would: it abandons a database, and lets no workflow be deleted."""


def problems(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Every reason to refuse, none of which shows a value that could be secret."""
    if type_token not in REQUESTS:
        raise UnknownResourceError(type_token)
    found = [
        *sdk.misfits(type_token, inputs),
        *discovery.misfits(type_token, inputs),
        *limits.misfits(type_token, inputs),
        *texts.misfits(type_token, inputs),
        *_left_open(type_token, inputs),
    ]
    yield from dict.fromkeys(found)


def _left_open(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    known = sdk.input_names(type_token)
    name = NAMED.get(type_token, "name")
    if name in known and name not in inputs:
        yield Problem(path=name, what="is missing: the provider would make one up")
    if "project" in known and "project" not in inputs:
        yield Problem(path="project", what="is missing: the machine's own setting would decide it")
    for setting in STAGE_DECIDES.get(type_token, ()):
        if setting not in inputs:
            yield Problem(path=setting, what="is missing: the provider's own choice is not the stage's")
