"""The source archive as a folder: as it is deployed, but for its clients, which are led to this machine.

Firestore's client looks for FIRESTORE_EMULATOR_HOST itself. For the others a `main.py` stands in front of the archive's
own; all else is the archive's, byte for byte.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from components.gcp._package import package

HERE = Path(__file__).parent
LOOPBACK = ("tests/__init__.py", "tests/loopback_names.py", "tests/gcp/__init__.py", "tests/gcp/loopback.py")


def unpack(folder: Path, source: Path | None = None) -> Path:
    """Of the archive at `source`, or of today's."""
    with zipfile.ZipFile(source or package()) as archive:
        archive.extractall(folder)
    shutil.copy(HERE / "loopback_main.py", folder / "main.py")
    for name in LOOPBACK:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE.parents[1] / name, folder / name)
    return folder


def addresses(
    *,
    firestore: str = "",
    pubsub: str = "",
    executions: str = "",
    storage: str = "",
    names: Mapping[str, int] | None = None,
) -> Mapping[str, str]:
    """The variables that say where the servers are; a function without one of them has no such server to call.

    `names` has the port of each host that is looked up here in the place of the internet.
    """
    return {
        "FIRESTORE_EMULATOR_HOST": firestore,
        "LOOPBACK_PUBSUB": pubsub,
        "LOOPBACK_EXECUTIONS": executions,
        "LOOPBACK_STORAGE": storage,
        "LOOPBACK_NAMES": json.dumps(names or {}),
    }
