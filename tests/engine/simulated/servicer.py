"""Between the engine's messages and the SDK's: assets and archives are texts on their way in, themselves on their way
out."""

from __future__ import annotations

from typing import Any

from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime.rpc import _special_sig_key

from local_provider import server
from tests.engine.simulated.upload import SIGNATURES, Upload, upload


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
            if found := _read(value):
                value.string_value = found.text
    return request


def _answered(answer: Any, *fields: str) -> Any:  # noqa: ANN401 a protobuf message
    for field in fields:
        properties: Struct = getattr(answer, field)
        for value in properties.fields.values():
            if found := upload(value.string_value):
                known = {"hash": found.digest, **({"path": found.path} if found.path else {})}
                value.struct_value.update({_special_sig_key: found.signature, **known})
    return answer


def _read(value: Value) -> Upload | None:
    parts = {name: part.string_value for name, part in value.struct_value.fields.items()}
    signature = parts.get(_special_sig_key, "")
    if signature not in SIGNATURES:
        return None
    return Upload(signature=signature, digest=parts.get("hash", ""), path=parts.get("path", ""))
