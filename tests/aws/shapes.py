"""Whether AWS's provider would take the inputs of one resource, before anything is asked of AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests import sdk
from tests.aws import limits, models
from tests.aws.calls import CALLS
from tests.aws.limits import NAMED
from tests.aws.outputs import UnknownResourceError
from tests.sdk import Problem


def problems(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Every reason to refuse, none of which shows a value that could be secret. Nothing is asked of AWS.

    A physical name has to be given: a made one is longer than what the program asked for, and the provider refuses it
    where it no longer fits.
    """
    if type_token not in CALLS:
        raise UnknownResourceError(type_token)
    found = [
        *sdk.misfits(type_token, inputs),
        *models.misfits(type_token, inputs),
        *limits.misfits(type_token, inputs),
        *_unnamed(type_token, inputs),
    ]
    yield from dict.fromkeys(found)


def _unnamed(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    name = NAMED.get(type_token, "name")
    if name in sdk.input_names(type_token) and name not in inputs:
        yield Problem(path=name, what="is missing: the provider would make one up")
