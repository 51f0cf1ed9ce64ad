"""At the root of the source archive: functions-framework looks up the function to serve here, by its entry point."""

from __future__ import annotations

from functions.entrypoints.gcp.handlers import __getattr__ as __getattr__
