"""Every task of the saga is performed by a function on Google Cloud."""

from __future__ import annotations

from components.system import TASKS
from functions.entrypoints.gcp.handlers import MODULES


def test_every_task_of_the_saga_has_a_function_on_google_cloud() -> None:
    assert {function.replace("-", "_") for function in TASKS} <= set(MODULES)
