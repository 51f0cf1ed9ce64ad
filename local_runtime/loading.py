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
    """What counts of `declarations/`; raises DeclarationsError with a line for each file that is wrong."""
    declared, problems = Declared(), list[str]()
    for path in _files(home):
        try:
            declared.add(_read(path))
        except (msgspec.MsgspecError, KeyError) as error:
            problems.append(f"{path} is not a declaration ({error}): run `pulumi refresh`, then `pulumi up`")
    problems = problems or list(contradictions(declared))
    if problems:
        raise DeclarationsError(problems)
    return declared


def _files(home: Home) -> list[Path]:
    every = {f"{path.parent.name.lower()}/{path.stem}": path for path in sorted(home.declarations.glob("*/*.json"))}
    try:
        followed = msgspec.json.decode(home.followed.read_bytes(), type=set[str])
    except FileNotFoundError:
        return list(every.values())
    except msgspec.MsgspecError as error:
        raise DeclarationsError([f"{home.followed} is no list of names ({error}): run `pulumi up`"]) from None
    return [path for name, path in every.items() if name in followed]


def _read(path: Path) -> Declaration:
    return msgspec.json.decode(path.read_bytes(), type=_KINDS[path.parent.name.lower()])
