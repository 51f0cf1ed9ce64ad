"""Serves a provider to the engine that started this process, until that interrupts it or is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable
from typing import Any

import grpc
import grpc.aio
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import Provider
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from local_provider.errors import ProviderError, UnhealthyError

VERSION = "0.1.0"
LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
"""What the engine itself allows."""


def serve(
    provider: Provider, engine_address: str, *, servicer: type[Servicer] | None = None, version: str = VERSION
) -> None:
    """`servicer` is what stands between the engine's messages and the provider, if it is more than the one below."""
    asyncio.run(_serve((servicer or Servicer)([], version, provider, engine_address), provider))


async def _serve(servicer: Servicer, provider: Provider) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(interrupt, ended.set)
    threading.Thread(target=_watch_engine, args=(loop, ended), daemon=True).start()
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", LARGEST_MESSAGE_BYTES)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await ended.wait()
    await provider.cancel()
    await server.stop(grace=None)


def _watch_engine(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """The engine holds the other end of stdin: a killed one sends no interrupt, but it does let go."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    loop.call_soon_threadsafe(ended.set)


class Servicer(ProviderServicer):
    """The SDK's, except that what the provider refuses reaches the user as it was written, without a traceback."""

    async def Check(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802 as the SDK declares it
        return await _told(super().Check(request, context), context)

    async def Diff(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return await _told(super().Diff(request, context), context)

    async def Create(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return await _told(super().Create(request, context), context)

    async def Read(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return await _told(super().Read(request, context), context, request.id)

    async def Update(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return await _told(super().Update(request, context), context, request.id)

    async def Delete(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return await _told(super().Delete(request, context), context)


async def _told(answer: Awaitable[Any], context: Any, resource_id: str = "") -> Any:  # noqa: ANN401
    try:
        return await answer
    except Exception as error:
        # the SDK raises another exception, whose text has the traceback of the one it caught
        cause = error.__context__ or error
        if isinstance(cause, UnhealthyError):
            await _abort_unhealthy(context, cause, resource_id)
        if isinstance(cause, ProviderError):
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(cause))
        raise


async def _abort_unhealthy(context: Any, error: UnhealthyError, resource_id: str) -> None:  # noqa: ANN401
    """Tell the engine to record the state all the same, and to try again with the next `up`."""
    found: dict[str, dict[str, PropertyValue]] = error.outputs
    detail = provider_pb2.ErrorResourceInitFailed(
        id=resource_id,
        properties=PropertyValue.marshal_map(found["properties"]),
        inputs=PropertyValue.marshal_map(found["inputs"]) if "inputs" in found else None,
        reasons=[str(error)],
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    await context.abort(grpc.StatusCode.UNKNOWN, str(error))
