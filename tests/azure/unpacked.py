"""The package as a folder, as it is mounted on Azure; and with its clients, or all names, led to this machine."""

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
WORLD = ("__init__.py", "loopback_names.py")
_PYTHON = FLEX.python if HAS_CORE else f"{sys.version_info.major}.{sys.version_info.minor}"
HERE = Platform(machine=platform.machine(), python=_PYTHON)
"""What the package is built for to run here; on most machines it is what runs on Azure, byte for byte."""


def unpack(folder: Path, posted: Path | None = None) -> Path:
    """Of the package that was posted, or of today's; where the platform is another one, of that which is built here."""
    with zipfile.ZipFile(posted if posted and HERE == FLEX else package(platform=HERE)) as archive:
        archive.extractall(folder)
    return folder


def unpack_for_loopback(folder: Path) -> Path:
    """All is the package's, but for who looks up the app."""
    return _begun_by("loopback_app.py", unpack(folder), LOOPBACK)


def unpack_for_world(folder: Path, posted: Path) -> Path:
    """The same; its clients are the package's too, and find by name what LOOPBACK_NAMES has."""
    return _begun_by("loopback_world.py", unpack(folder, posted), WORLD)


def _begun_by(root: str, folder: Path, modules: tuple[str, ...]) -> Path:
    shutil.copy(TESTS / "azure" / root, folder / "function_app.py")
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)  # its bytecode is not held against its source
    for name in modules:
        (folder / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TESTS / name, folder / "tests" / name)
    return folder
