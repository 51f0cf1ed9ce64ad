"""The request that a resource becomes, read from AWS's own service models.

An input goes to the member of the request that has its name, without regard to case and plural, all the way down;
where the provider's name differs, tests/aws/calls.py says so. An input without a member is not part of this request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from tests.aws.calls import Call

IN_NO_REQUEST = frozenset({"tags", "region"})
"""Tags are a map here and a list there, and nothing that a test looks at; the region is the client's."""


@cache
def operation_of(service: ServiceModel, structure: str) -> str:
    """The operation whose request this structure is; LookupError if it is a part of one only."""
    for name in service.operation_names:
        shape = service.operation_model(name).input_shape
        if shape is not None and shape.name == structure:
            return str(name)
    raise LookupError(f"no operation of {service.service_name} has the request {structure}")


def parameters(service: ServiceModel, call: Call, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the structure holds of these inputs."""
    return _structure(call, service.shape_for(call.structure), inputs, "")


def _structure(call: Call, shape: Shape, values: Mapping[str, Any], path: str) -> dict[str, Any]:
    assert isinstance(shape, StructureShape)
    return dict(_members(call, shape, values, path))


def _members(call: Call, shape: StructureShape, values: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    members = {_spelling(name): name for name in shape.members}
    for name, value in values.items():
        at = f"{path}{name}"
        member = members.get(_spelling(call.renamed.get(at, name)))
        if member is not None and name not in IN_NO_REQUEST:
            yield member, _value(call, shape.members[member], value, at)


def _value(call: Call, shape: Shape, value: Any, path: str) -> Any:  # noqa: ANN401 JSON
    """The provider takes one part for some lists, and text for some numbers."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return _structure(call, shape, value, f"{path}.")
    if isinstance(shape, ListShape):
        parts = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return [_value(call, shape.member, part, path) for part in parts]
    if isinstance(shape, MapShape):
        return dict(value)
    return int(value) if shape.type_name in {"integer", "long"} else value


def _spelling(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower()).removesuffix("s")
