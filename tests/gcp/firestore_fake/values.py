"""Values of the wire format: their order, and what a write's transforms make of them."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from google.cloud.firestore_v1.types import DocumentTransform
from google.cloud.firestore_v1.types import Value as _Value
from google.protobuf.timestamp_pb2 import Timestamp

from tests.gcp.firestore_fake.refusals import invalid, unimplemented

Value: TypeAlias = Any
"""A protobuf message, whose class is made at run time."""
new_value = _Value.pb(_Value()).__class__
REQUEST_TIME = DocumentTransform.FieldTransform.ServerValue.REQUEST_TIME
HIGHEST, LOWEST = 2**63 - 1, -(2**63)

_ORDER = (
    ("null_value",),
    ("boolean_value",),
    ("integer_value", "double_value"),
    ("timestamp_value",),
    ("string_value",),
    ("bytes_value",),
    ("reference_value",),
)
_RANK = {kind: rank for rank, kinds in enumerate(_ORDER) for kind in kinds}
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def rank(value: Value) -> int:
    """Values of different types are ordered by type, and a range compares those of one."""
    kind = value.WhichOneof("value_type")
    if kind not in _RANK:
        raise unimplemented(f"the order of a {kind}")
    return _RANK[kind]


def sort_key(value: Value) -> tuple[int, Any]:
    kind = value.WhichOneof("value_type")
    content: Any = getattr(value, kind)
    if kind == "timestamp_value":
        content = (content.seconds, content.nanos)
    elif kind == "string_value":
        content = content.encode()
    elif kind == "reference_value":
        content = tuple(part.encode() for part in content.split("/"))
    elif kind == "null_value":
        content = 0
    return rank(value), content


def field_name(path: str) -> str:
    """The one name of a path; fields of maps are not asked for by ours."""
    if not _SIMPLE.fullmatch(path):
        raise unimplemented(f"the field path {path}")
    return path


def timestamp(microseconds: int) -> Timestamp:
    moment = Timestamp()
    moment.FromMicroseconds(microseconds)
    return moment


def transformed(transform: Any, before: Value | None, now: Timestamp) -> Value:  # noqa: ANN401
    """What the field becomes, which is also what the client is answered."""
    kind = transform.WhichOneof("transform_type")
    if kind == "set_to_server_value" and transform.set_to_server_value == REQUEST_TIME:
        return new_value(timestamp_value=now)
    if kind == "increment":
        return _sum(before, transform.increment)
    raise unimplemented(f"the transform {kind}")


def _sum(before: Value | None, more: Value) -> Value:
    """Integers stop at the ends of 64 bits; a field that is no number begins anew."""
    numbers = ("integer_value", "double_value")
    kind = more.WhichOneof("value_type")
    if kind not in numbers:
        raise invalid("an increment is a number")
    kind_before = before.WhichOneof("value_type") if before is not None else None
    if before is None or kind_before not in numbers:
        return more
    total = getattr(before, kind_before) + getattr(more, kind)
    if isinstance(total, float):
        return new_value(double_value=total)
    return new_value(integer_value=max(LOWEST, min(HIGHEST, total)))
