"""Started by `pulumi-resource-local` with the engine's address; prints the port that it serves at."""

import sys

from local_provider.server import serve

serve(sys.argv[1])
