"""Starts a provider in the interpreter that has its libraries: ORDERLY_PYTHON, the project's .venv, or an active one.

The Automation API names the interpreter that it runs in (portal/deployment.py); `pulumi` finds the project's .venv.
Whatever Python is on PATH loads this, so it needs nothing that is installed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
TRY = "make the virtual environment with `make env`, or name another Python with ORDERLY_PYTHON"


def launch(module: str) -> None:
    """Goes on as `python -m module`, with the arguments of this process."""
    interpreter = _interpreter()
    if not os.access(interpreter, os.X_OK):
        sys.exit(f"{Path(sys.argv[0]).name}: there is no Python at {interpreter}: {TRY}")
    path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    os.execve(interpreter, [interpreter, "-m", module, *sys.argv[1:]], environment)  # noqa: S606 no shell


def _interpreter() -> str:
    named = os.environ.get("ORDERLY_PYTHON")
    active = os.environ.get("VIRTUAL_ENV")
    if named:
        return named
    folders = [PROJECT / ".venv", *([Path(active)] if active else [])]
    found = [str(folder / "bin" / "python") for folder in folders if (folder / "bin" / "python").exists()]
    return found[0] if found else sys.executable
