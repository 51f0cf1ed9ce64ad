"""Serves the provider to the engine that started this process, until that interrupts it or is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading

import grpc.aio
from pulumi.runtime.proto import provider_pb2_grpc

from local_provider.server import LARGEST_MESSAGE_BYTES
from tests.engine.simulated.cloud import Cloud
from tests.engine.simulated.provider import SimulatedProvider
from tests.engine.simulated.servicer import Servicer
from tests.engine.simulated.vendor import Vendor


def serve(engine_address: str, vendor: Vendor, cloud: Cloud) -> None:
    asyncio.run(_serve(engine_address, vendor, cloud))


async def _serve(engine_address: str, vendor: Vendor, cloud: Cloud) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(interrupt, ended.set)
    threading.Thread(target=_watch_engine, args=(loop, ended), daemon=True).start()
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", LARGEST_MESSAGE_BYTES)])
    servicer = Servicer([], vendor.version, SimulatedProvider(vendor, cloud), engine_address)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await ended.wait()
    await server.stop(grace=None)


def _watch_engine(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """The engine holds the other end of stdin: a killed one sends no interrupt, but it does let go."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    loop.call_soon_threadsafe(ended.set)
