"""One process for all tests.

Pulumi and Google's libraries both bring google.rpc.Status, each in a file of its own, and protobuf takes one of them in
a process. Nothing but the tests loads both: here they share Google's.
"""

from __future__ import annotations

import sys

from google.rpc import status_pb2  # type: ignore[import-untyped]

sys.modules.setdefault("pulumi.runtime.proto.status_pb2", status_pb2)
