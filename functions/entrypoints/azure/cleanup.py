"""The timer's call."""

from __future__ import annotations

from functions.entrypoints.azure.application import application


def cleanup() -> None:
    app = application()
    app.expire_orders(app.ports.clock.now())
