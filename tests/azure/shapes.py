"""Whether Azure's provider would take the inputs of one resource, before anything is asked of Azure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests import sdk
from tests.azure import limits, models
from tests.azure.computed import SHAPES
from tests.azure.limits import NAMED
from tests.azure.outputs import UnknownResourceError
from tests.sdk import Problem

WHERE_THE_ACCOUNT_IS = (
    "azure-native:cosmosdb:SqlResourceSqlDatabase",
    "azure-native:cosmosdb:SqlResourceSqlContainer",
)
"""What has a location in the SDK, and none in Azure."""


def problems(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Every reason to refuse, none of which shows a value that could be secret."""
    if type_token not in SHAPES:
        raise UnknownResourceError(type_token)
    found = [
        *sdk.misfits(type_token, inputs),
        *models.misfits(type_token, inputs),
        *limits.misfits(type_token, inputs),
        *_left_open(type_token, inputs),
    ]
    yield from dict.fromkeys(found)


def _left_open(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    name = NAMED.get(type_token)
    if name is not None and name not in inputs:
        yield Problem(path=name, what="is missing: the provider would make one up")
    has_location = "location" in sdk.input_names(type_token) and type_token not in WHERE_THE_ACCOUNT_IS
    if has_location and "location" not in inputs:
        yield Problem(path="location", what="is missing: the machine's own setting would decide it")
