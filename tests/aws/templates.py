"""How the tables of outputs are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Template: TypeAlias = str | Callable[[Mapping[str, Any]], Any]
"""A text with the names of inputs, earlier outputs, `account`, `region`, `digest` and `uuid`; or what makes a value."""

Shape: TypeAlias = Mapping[str, Template]
"""The identifier under `id`, and what is added to the inputs, in the SDK's spelling on the wire."""


def arn(service: str, resource: str) -> str:
    """The template of a regional resource's ARN."""
    return f"arn:aws:{service}:{{region}}:{{account}}:{resource}"


def constant(value: object) -> Callable[[Mapping[str, Any]], Any]:
    return lambda _: value
