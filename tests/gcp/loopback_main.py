"""`main.py` of a function that runs in a test: the archive's own, with clients that call servers of this machine.

Names outside of Google that the test knows lead to this machine too.
"""

from __future__ import annotations

import json
import os
from functools import partial

from functions.adapters.gcp import ports
from functions.entrypoints.gcp.handlers import __getattr__ as __getattr__
from tests.gcp.loopback import LoopbackClients
from tests.loopback_names import lead_here

loopback = partial(
    LoopbackClients,
    publisher_address=os.environ["LOOPBACK_PUBSUB"],
    executions_address=os.environ["LOOPBACK_EXECUTIONS"],
    storage_url=os.environ["LOOPBACK_STORAGE"],
)
setattr(ports, "Clients", loopback)  # noqa: B010 -- to a type checker it is another type
lead_here(json.loads(os.environ["LOOPBACK_NAMES"]))
