"""Started by `pulumi-resource-aws` with the engine's address; prints the port that it serves at."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.engine.aws.provider.rules import AwsRules
from tests.engine.aws.provider.vendor import AWS
from tests.engine.simulated.file_cloud import FileCloud
from tests.engine.simulated.server import serve

serve(sys.argv[1], AWS, FileCloud(Path(os.environ["ORDERLY_SIMULATED_AWS"]), AwsRules()))
