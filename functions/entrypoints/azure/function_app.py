"""At the root of the package: the Functions host takes the one app that it finds here, and what that has registered."""

from __future__ import annotations

from functions.entrypoints.azure.handlers import function_app

app = function_app()
