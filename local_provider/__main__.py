"""Started by `pulumi-resource-local` with the engine's address; prints the port that it serves at."""

import sys

from local_provider.provider import LocalProvider
from local_provider.server import serve

serve(LocalProvider(), sys.argv[1])
