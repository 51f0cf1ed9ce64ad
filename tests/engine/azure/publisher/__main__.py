"""Started by `pulumi-resource-azurepublisher` with the engine's address; prints the port that it serves at."""

from __future__ import annotations

import os
import sys
from threading import Event

from azure_publisher.credential import Tokens
from azure_publisher.patience import Pace
from azure_publisher.provider import AzurePublisher
from azure_publisher.site import Sites
from local_provider.server import serve
from tests.engine.azure.publisher.led import Led

PACE = Pace(between_tries=0.05, between_looks=0.01)

serve(AzurePublisher(Sites(Tokens(), Event(), PACE, Led(os.environ["ORDERLY_LOOPBACK_SITES"]))), sys.argv[1])
