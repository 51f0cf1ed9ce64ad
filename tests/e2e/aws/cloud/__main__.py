"""Started by `pulumi-resource-aws` with the engine's address; prints the port that it serves at."""

from __future__ import annotations

import os
import sys

from tests.e2e.aws.cloud.ministack_cloud import MinistackCloud
from tests.engine.aws.provider.vendor import AWS
from tests.engine.simulated.server import serve

serve(sys.argv[1], AWS, MinistackCloud(os.environ["ORDERLY_MINISTACK"]))
