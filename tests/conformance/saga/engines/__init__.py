"""A driver for each engine: it takes a case and gives the trace that the engine left."""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance.saga.engine import Engine
from tests.conformance.saga.engines.durable import Durable
from tests.conformance.saga.engines.local import Local
from tests.conformance.saga.engines.step_functions import StepFunctions
from tests.conformance.saga.engines.workflows import Workflows
from tests.conformance.saga.reference import Reference

ENGINES: dict[str, Callable[..., Engine]] = {
    "reference": Reference,
    "local": Local,
    "durable": Durable,
    "workflows": Workflows,
    "step-functions": StepFunctions,
}
"""Called with no argument, or with the module of a compiler in which one line was broken; an engine joins by a line."""
