"""Started by `pulumi-resource-azure-native` with the engine's address; prints the port that it serves at."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.engine.azure.provider.rules import AzureRules
from tests.engine.azure.provider.vendor import AZURE
from tests.engine.simulated.file_cloud import FileCloud
from tests.engine.simulated.server import serve

serve(sys.argv[1], AZURE, FileCloud(Path(os.environ["ORDERLY_SIMULATED_AZURE"]), AzureRules()))
