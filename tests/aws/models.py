"""The rules of AWS's service models, as botocore brings them, for the inputs of a resource.

An input is matched with the member of the request that creates the resource by its name, without regard to case and
plural, all the way down; where the provider's name differs, tests/aws/calls.py says so. Types that do not match (tags,
most of all, which are a map here and a list there) have no rule from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from botocore.loaders import Loader
from pulumi.runtime.rpc import UNKNOWN

from tests.aws.calls import CALLS, Call
from tests.sdk import Problem

Model: TypeAlias = Mapping[str, Any]

UNICODE = {
    r"\p{L}": r"\w",
    r"\p{M}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{S}": r"$+<=>^`|~",
    r"\p{P}": r"!-/:-@",
    r"\p{Print}": r"[ -~]",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
}
"""What Python's `re` writes in another way, or does not know: what stands for them is as wide or a little wider."""


def misfits(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What the request would be refused for: enums, patterns, lengths and ranges."""
    for call in CALLS[type_token]:
        yield from _of_structure(call, call.structure, inputs, "")


def _of_structure(call: Call, structure: str, values: Mapping[str, Any], path: str) -> Iterator[Problem]:
    members = _members(call.service, structure)
    for name, value in values.items():
        at = f"{path}{name}"
        member = _member(call, members, at, name)
        if member is not None:
            yield from _of_value(call, member, value, at)


def _of_value(call: Call, shape_name: str, value: Any, path: str) -> Iterator[Problem]:  # noqa: ANN401 JSON
    shape = _shapes(call.service)[shape_name]
    kind = shape["type"]
    if value == UNKNOWN:
        return
    if kind == "structure" and isinstance(value, Mapping):
        yield from _of_structure(call, shape_name, value, f"{path}.")
    elif kind == "list" and isinstance(value, Sequence) and not isinstance(value, str):
        yield from _of_bounds(shape, len(value), "parts", path)
        for index, part in enumerate(value):
            yield from _of_value(call, shape["member"]["shape"], part, f"{path}[{index}]")
    elif kind == "map" and isinstance(value, Mapping):
        yield from _of_map(call, shape, value, path)
    elif kind == "string" and isinstance(value, str):
        yield from _of_text(shape, value, path)
    elif kind in {"integer", "long", "double", "float"} and isinstance(value, int | float):
        yield from _of_bounds(shape, value, "", path)


def _of_map(call: Call, shape: Model, value: Mapping[str, Any], path: str) -> Iterator[Problem]:
    keys = _shapes(call.service)[shape["key"]["shape"]]
    for name, part in value.items():
        yield from _of_text(keys, name, f"{path} key {name}")
        yield from _of_value(call, shape["value"]["shape"], part, f"{path}.{name}")


def _of_text(shape: Model, value: str, path: str) -> Iterator[Problem]:
    if "enum" in shape and value not in shape["enum"]:
        yield Problem(path=path, what=f"is not one of {', '.join(shape['enum'])}")
    yield from _of_bounds(shape, len(value), "characters", path)
    if "pattern" in shape and not _pattern(shape["pattern"]).fullmatch(value):
        yield Problem(path=path, what=f"does not match {shape['pattern']}")


def _of_bounds(shape: Model, size: float, unit: str, path: str) -> Iterator[Problem]:
    lowest, highest = shape.get("min"), shape.get("max")
    if (lowest is not None and size < lowest) or (highest is not None and size > highest):
        bounds = f"{'' if lowest is None else lowest} to {'' if highest is None else highest} {unit}".strip()
        yield Problem(path=path, what=f"is {size:g}; allowed is {bounds}")


def _member(call: Call, members: Mapping[str, str], path: str, name: str) -> str | None:
    """The shape of the request's member that an input becomes."""
    plain = re.sub(r"\[\d+\]", "", path)
    return members.get(_spelling(call.renamed.get(plain, name)))


@cache
def _members(service: str, structure: str) -> Mapping[str, str]:
    return {_spelling(name): member["shape"] for name, member in _shapes(service)[structure]["members"].items()}


def _spelling(name: str) -> str:
    """The provider writes `scopes` for Scopes, `rules` for Rule, and `timeoutInMillis` as AWS does."""
    return name.lower().removesuffix("s")


@cache
def _shapes(service: str) -> Mapping[str, Model]:
    shapes: Mapping[str, Model] = Loader().load_service_model(service, "service-2")["shapes"]
    return shapes


@cache
def _pattern(written: str) -> re.Pattern[str]:
    for theirs, ours in UNICODE.items():
        written = written.replace(theirs, ours)
    return re.compile(written, re.DOTALL)
