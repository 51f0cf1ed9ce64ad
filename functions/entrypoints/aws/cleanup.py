"""The schedule's call."""

from __future__ import annotations

from typing import Any

from functions.entrypoints.aws.application import application
from functions.entrypoints.aws.observed import LambdaContext


def cleanup(event: Any, context: LambdaContext) -> None:  # noqa: ANN401 -- nothing of it is needed
    app = application()
    app.expire_orders(app.ports.clock.now())
