"""A system on this machine, from within its run time or beside it, and while it is stopped."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from functions.codec import MalformedError
from local_runtime.clock import Clock, system_clock
from local_runtime.errors import RunTimeError
from local_runtime.home import Home
from operations.errors import OperationsError
from operations.local.dead_letters import LocalDeadLetters
from operations.local.declared_names import DeclaredNames
from operations.local.orders import LocalOrders
from operations.local.outside import OutsideFile
from operations.local.queues import LocalQueues
from operations.local.saga_runs import LocalSagaRuns
from operations.local.storage import Storage
from operations.ports import Operations

if TYPE_CHECKING:
    from components.stackfile import StackFile


def open_operations(home: Home, store: Storage, clock: Clock = system_clock) -> Operations:
    """On the run time's own store from within it, else on an OutsideFile; the store stays its owner's to close.

    Whatever is asked may raise RunTimeError or MalformedError: what is declared or stored cannot be read.
    """
    names = DeclaredNames(home)
    return Operations(
        orders=LocalOrders(store),
        saga_runs=LocalSagaRuns(store, names),
        queues=LocalQueues(store, names, clock),
        dead_letters=LocalDeadLetters(store, names, clock),
    )


@contextmanager
def reach(stack: StackFile) -> Iterator[Operations]:
    """The system in the stack's folder."""
    from components.local_folder import local_folder  # the run time, which has its folder, does not need it

    folder = local_folder(stack.name, _configured(stack))
    with reach_folder(folder, otherwise=f"make up STACK={stack.name}") as operations:
        yield operations


@contextmanager
def reach_folder(folder: Path, *, otherwise: str = "name the folder of one") -> Iterator[Operations]:
    """The system in a folder, whoever deployed it."""
    home = Home(folder)
    if not _is_there(home.database):
        raise OperationsError(f"there is no local system in {folder}: {otherwise}")
    try:
        yield open_operations(home, OutsideFile(home.database))
    except (RunTimeError, MalformedError) as error:
        raise OperationsError(str(error)) from None


def _is_there(database: Path) -> bool:
    try:
        return stat.S_ISREG(database.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OperationsError(f"{database} cannot be looked at ({reason}): check its name and its rights") from None


def _configured(stack: StackFile) -> str | None:
    block = stack.written.get("local")
    folder = block.get("folder") if isinstance(block, Mapping) else block
    if block is not None and not isinstance(block, Mapping):
        raise OperationsError(
            f"Pulumi.{stack.name}.yaml has {block!r:.100} as orderly:local; allowed is a block, which may have a folder"
        )
    if folder is None or isinstance(folder, str):
        return folder
    raise OperationsError(
        f"Pulumi.{stack.name}.yaml has {folder!r:.100} as orderly:local.folder; allowed is the path of a folder"
    )
