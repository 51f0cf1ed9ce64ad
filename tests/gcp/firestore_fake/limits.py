"""What Firestore refuses of names, sizes and depths (firebase.google.com/docs/firestore/quotas)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.gcp.firestore_fake.refusals import invalid

MAX_ID_BYTES = 1500
MAX_NAME_BYTES = 6 * 1024
MAX_DOCUMENT_BYTES = 1024 * 1024
MAX_REQUEST_BYTES = 10 * 1024 * 1024
MAX_TRANSFORMS = 500
MAX_DEPTH = 20
RESERVED = re.compile(r"\.|\.\.|__.*__", re.DOTALL)
DOCUMENT_OVERHEAD, VALUE_OVERHEAD, NAME_OVERHEAD = 32, 1, 16


def check_path(path: str) -> str:
    """The path of a document below `documents/`; it has pairs of a collection's and a document's id."""
    ids = path.split("/")
    if len(ids) % 2:
        raise invalid(f"{path!r} is no path of a document: it has {len(ids)} parts")
    for each in ids:
        check_id(each)
    if len(path.encode()) > MAX_NAME_BYTES:
        raise invalid(f"a document's name may have {MAX_NAME_BYTES} bytes")
    return path


def check_id(text: str) -> None:
    if not text or RESERVED.fullmatch(text) or len(text.encode()) > MAX_ID_BYTES:
        raise invalid(f"{text!r:.100} is no id: it is empty, reserved or longer than {MAX_ID_BYTES} bytes")


def check_document(path: str, fields: Any) -> None:  # noqa: ANN401 -- a map of the wire format
    """By the documented sum over names and values."""
    size = DOCUMENT_OVERHEAD + NAME_OVERHEAD + sum(len(part.encode()) + 1 for part in path.split("/"))
    size += sum(_field_bytes(name, value, depth=1) for name, value in fields.items())
    if size > MAX_DOCUMENT_BYTES:
        raise invalid(f"document {path} has {size} bytes; {MAX_DOCUMENT_BYTES} are the most")


def check_request(request: Any) -> None:  # noqa: ANN401
    if request.ByteSize() > MAX_REQUEST_BYTES:
        raise invalid(f"Request payload size exceeds the limit: {MAX_REQUEST_BYTES} bytes.")
    for write in request.writes:
        if len(write.update_transforms) > MAX_TRANSFORMS:
            raise invalid(f"a document may have {MAX_TRANSFORMS} transforms in a commit")


def _field_bytes(name: str, value: Any, depth: int) -> int:  # noqa: ANN401
    if not name or re.fullmatch(r"__.*__", name) or len(name.encode()) > MAX_ID_BYTES:
        raise invalid(f"{name!r:.100} is no name of a field")
    return len(name.encode()) + 1 + _value_bytes(value, depth)


def _value_bytes(value: Any, depth: int) -> int:  # noqa: ANN401
    if depth > MAX_DEPTH:
        raise invalid(f"maps and arrays may lie {MAX_DEPTH} deep")
    kind = value.WhichOneof("value_type")
    if kind in ("map_value", "array_value"):
        return sum(_inner(value, kind, depth + 1))
    sizes = {
        "null_value": 1,
        "boolean_value": 1,
        "integer_value": 8,
        "double_value": 8,
        "timestamp_value": 8,
        "geo_point_value": 16,
        "string_value": len(value.string_value.encode()) + VALUE_OVERHEAD,
        "bytes_value": len(value.bytes_value),
        "reference_value": len(value.reference_value.encode()) + NAME_OVERHEAD,
    }
    return sizes[kind]


def _inner(value: Any, kind: str, depth: int) -> Iterator[int]:  # noqa: ANN401
    if kind == "map_value":
        yield from (_field_bytes(name, inner, depth) for name, inner in value.map_value.fields.items())
    else:
        yield from (_value_bytes(inner, depth) for inner in value.array_value.values)
