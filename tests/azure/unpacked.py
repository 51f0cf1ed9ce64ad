"""The package as a folder, as it is mounted on Azure; and once more with its clients led to this machine."""

from __future__ import annotations

import platform
import shutil
import sys
import zipfile
from pathlib import Path

from components.azure._package import FLEX, package
from components.wheels import Platform
from tests.azure.worker import HAS_CORE

TESTS = Path(__file__).parents[1]
LOOPBACK = ("__init__.py", "azure/__init__.py", "azure/loopback_clients.py")
_PYTHON = FLEX.python if HAS_CORE else f"{sys.version_info.major}.{sys.version_info.minor}"
HERE = Platform(machine=platform.machine(), python=_PYTHON)
"""What the package is built for to run here; on most machines it is what runs on Azure, byte for byte."""


def unpack(folder: Path) -> Path:
    with zipfile.ZipFile(package(platform=HERE)) as archive:
        archive.extractall(folder)
    return folder


def unpack_for_loopback(folder: Path) -> Path:
    """All is the package's, but for who looks up the app."""
    unpack(folder)
    shutil.copy(TESTS / "azure/loopback_app.py", folder / "function_app.py")
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)  # its bytecode is not held against its source
    for name in LOOPBACK:
        (folder / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TESTS / name, folder / "tests" / name)
    return folder
