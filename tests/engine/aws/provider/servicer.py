"""Between the engine's messages and the SDK's, which drops the digest of an archive, and with it the archive.

An archive is a text on its way to the provider, and itself again on its way back.
"""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime.rpc import _special_archive_sig, _special_sig_key

from local_provider import server

MARK = "archive "
"""Before the JSON of an archive's digest and, unless it comes from the state, its path."""


class Servicer(server.Servicer):
    async def Check(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802 as the SDK declares it
        answer = await super().Check(_asked(request, "olds", "news"), context)
        return _answered(answer, "inputs")

    async def Diff(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return await super().Diff(_asked(request, "olds", "news"), context)

    async def Create(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        answer = await super().Create(_asked(request, "properties"), context)
        return _answered(answer, "properties")

    async def Read(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        answer = await super().Read(_asked(request, "properties", "inputs"), context)
        return _answered(answer, "properties", "inputs")

    async def Update(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        answer = await super().Update(_asked(request, "olds", "news"), context)
        return _answered(answer, "properties")

    async def Delete(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return await super().Delete(_asked(request, "properties"), context)


def _asked(request: Any, *fields: str) -> Any:  # noqa: ANN401 a protobuf message
    for field in fields:
        properties: Struct = getattr(request, field)
        for value in properties.fields.values():
            if _is_archive(value):
                parts = {name: part.string_value for name, part in value.struct_value.fields.items()}
                value.string_value = MARK + json.dumps({"hash": parts.get("hash"), "path": parts.get("path")})
    return request


def _answered(answer: Any, *fields: str) -> Any:  # noqa: ANN401 a protobuf message
    for field in fields:
        properties: Struct = getattr(answer, field)
        for value in properties.fields.values():
            if value.string_value.startswith(MARK):
                parts = json.loads(value.string_value.removeprefix(MARK))
                known = {name: text for name, text in parts.items() if text}
                value.struct_value.update({_special_sig_key: _special_archive_sig, **known})
    return answer


def _is_archive(value: Value) -> bool:
    signature = value.struct_value.fields.get(_special_sig_key)
    return signature is not None and signature.string_value == _special_archive_sig
