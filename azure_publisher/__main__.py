"""Started by `pulumi-resource-azurepublisher` with the engine's address; prints the port that it serves at."""

import logging
import sys

from azure_publisher.provider import AzurePublisher
from local_provider.server import serve

logging.getLogger("azure").setLevel(logging.CRITICAL)  # what it has to say of a login that fails, the error says
serve(AzurePublisher(), sys.argv[1])
