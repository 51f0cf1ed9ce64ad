"""Reads what was declared, and refuses it as a whole when something in it is wrong."""

from __future__ import annotations

from pathlib import Path

import msgspec

from local_runtime.contradictions import contradictions
from local_runtime.declarations import KINDS, Declaration
from local_runtime.declared import Declared
from local_runtime.errors import DeclarationsError
from local_runtime.home import Home

_KINDS = {name.lower(): kind for name, kind in KINDS.items()}


def load(home: Home) -> Declared:
    """Every file under `declarations/`; raises DeclarationsError with a line for each one that is wrong."""
    declared, problems = Declared(), list[str]()
    for path in sorted(home.declarations.glob("*/*.json")):
        try:
            declared.add(_read(path))
        except (msgspec.MsgspecError, KeyError) as error:
            problems.append(f"{path} is not a declaration ({error}): run `pulumi refresh`, then `pulumi up`")
    problems = problems or list(contradictions(declared))
    if problems:
        raise DeclarationsError(problems)
    return declared


def _read(path: Path) -> Declaration:
    return msgspec.json.decode(path.read_bytes(), type=_KINDS[path.parent.name.lower()])
