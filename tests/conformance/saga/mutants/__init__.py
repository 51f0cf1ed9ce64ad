"""Mistakes that a compiler could have, each of which the suite has to catch: a list for each compiler."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

ENGINE_OF = {
    "workflows": "workflows",
    "asl": "step-functions",
    "workflows_steps": "workflows",
    "durable": "durable",
    "durable_definition": "durable",
    "decider": "local",
}
"""Which engine shows what a compiler means; those that take longest come first."""


def of(compiler: str) -> ModuleType:
    """The module with its SOURCE and MUTANTS."""
    return import_module(f"{__name__}.{compiler}")


@dataclass(frozen=True)
class Mutant:
    """`old` occurs once in the compiler's source; with `new` in its place the saga means something else."""

    name: str
    old: str
    new: str
