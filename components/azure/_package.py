"""The zip that a function app runs, from the folder that it is mounted as.

Which handler an app runs its settings say, so all apps have one package; a workflow that keeps its runs in a scheduler
has one with another host.json. Nothing is left to be built on Azure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from components.azure._host import DurableBackend, host_json
from components.packages import Layout, Package
from components.packing import KEPT, ROOT, File, sources
from components.wheels import Platform

FLEX = Platform(machine="x86_64", python="3.13")
APP_ROOT = "/home/site/wwwroot"
"""Where the package is mounted."""
LIBRARIES = ".python_packages/lib/site-packages"
"""Where the worker looks for what an app brings along."""
REQUIREMENTS = "requirements/functions/azure.txt"
ENTRY_POINT = "functions/entrypoints/azure/function_app.py"
AT_THE_ROOT = {ENTRY_POINT: "function_app.py"}
"""What the worker looks for at the root, and where it is here."""
UNUSED = ("azure/durable_functions/openai_agents",)
"""Of the libraries: it needs a package that is not there."""


@cache
def package(
    backend: DurableBackend = "storage", *, platform: Platform = FLEX, root: Path = ROOT, kept: Path = KEPT
) -> Path:
    """Where the zip is, built now if it was not before; raises PackageError, with what to do."""
    return Package(
        name="azure",
        sources=tuple(_ours(root, backend)),
        requirements=(root / REQUIREMENTS).read_text(encoding="utf-8"),
        layout=Layout(platform=platform, runs_in=APP_ROOT, libraries=LIBRARIES, unused=UNUSED),
    ).built(kept)


def _ours(root: Path, backend: DurableBackend) -> Iterator[File]:
    for file in sources(root, "azure"):
        yield replace(file, name=AT_THE_ROOT.get(file.name, file.name))
    yield File(name="host.json", content=json.dumps(host_json(backend), indent=2).encode() + b"\n")
