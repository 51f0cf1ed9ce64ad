"""The targets, and the way from a contract to a target's component that imports no other target."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Literal, TypeVar, cast, get_args

TargetName = Literal["aws", "gcp", "azure", "local"]
TARGET_NAMES: tuple[TargetName, ...] = get_args(TargetName)
Contract = TypeVar("Contract")


def existing() -> tuple[TargetName, ...]:
    """The targets that can be deployed to: those whose folder is there."""
    here = Path(__file__).parent
    return tuple(name for name in TARGET_NAMES if (here / name / "__init__.py").is_file())


def implementation(contract: Contract, target: TargetName) -> Contract:
    """The target's class for a contract's class: the same module name and the same class name, in its own folder."""
    module, name = contract.__module__, cast(type, contract).__name__
    return cast(Contract, getattr(import_module(f"components.{target}.{module.rpartition('.')[2]}"), name))
