"""`function_app.py` of an app in a world: the package's own. What it speaks to is found on this machine by its name."""

from __future__ import annotations

import json
import os

from functions.entrypoints.azure.handlers import function_app
from tests.loopback_names import lead_here

lead_here(json.loads(os.environ["LOOPBACK_NAMES"]))
app = function_app()
