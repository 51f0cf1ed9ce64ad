"""Started by `pulumi-resource-gcp` with the engine's address; prints the port that it serves at."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.engine.gcp.provider.rules import GcpRules
from tests.engine.gcp.provider.vendor import GCP
from tests.engine.simulated.file_cloud import FileCloud
from tests.engine.simulated.server import serve

serve(sys.argv[1], GCP, FileCloud(Path(os.environ["ORDERLY_SIMULATED_GCP"]), GcpRules()))
