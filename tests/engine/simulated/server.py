"""Serves the provider to the engine that started this process, until that interrupts it or is gone."""

from __future__ import annotations

from local_provider import server
from tests.engine.simulated.cloud import Cloud
from tests.engine.simulated.provider import SimulatedProvider
from tests.engine.simulated.servicer import Servicer
from tests.engine.simulated.vendor import Vendor


def serve(engine_address: str, vendor: Vendor, cloud: Cloud) -> None:
    server.serve(SimulatedProvider(vendor, cloud), engine_address, servicer=Servicer, version=vendor.version)
