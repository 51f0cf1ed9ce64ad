"""The way to a stack's system that loads no other target than the stack's own."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from components.stackfile import StackFile
from components.targets import TARGET_NAMES, TargetName
from operations.errors import OperationsError
from operations.plain import plain
from operations.ports import Operations


class Reach(Protocol):
    """What a target's package has: the way from a stack's file to its running system."""

    def reach(self, stack: StackFile) -> AbstractContextManager[Operations]:
        """Raises OperationsError if it is not there, then and whenever it is asked something."""
        ...


def existing() -> tuple[TargetName, ...]:
    """The targets whose systems can be operated: those whose folder is there."""
    here = Path(__file__).parent
    return tuple(name for name in TARGET_NAMES if (here / name / "__init__.py").is_file())


def reach(stack: StackFile) -> AbstractContextManager[Operations]:
    """The stack's system on its own target; raises OperationsError where there is no way to it."""
    target = stack.target
    if target not in TARGET_NAMES:
        raise OperationsError(
            f"Pulumi.{stack.name}.yaml has the target {plain(repr(target))}; allowed is {', '.join(TARGET_NAMES)}: "
            "set orderly:target"
        )
    if target not in existing():
        raise OperationsError(
            f"stack {stack.name} is on {target}, whose systems this command cannot reach yet, but those on "
            f"{', '.join(existing())}; docs/{target}.md says where to look there"
        )
    return cast(Reach, import_module(f"operations.{target}")).reach(stack)


def reach_folder(folder: Path) -> AbstractContextManager[Operations]:
    """A local system by its folder: one that was deployed from Python has no stack file."""
    from operations.local import reach_folder as reach

    return reach(folder)
