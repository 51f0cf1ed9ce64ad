"""Where a local system's folder is: whoever deploys it and whoever looks at it find the same one."""

from __future__ import annotations

import os
from pathlib import Path

from components.stackfile import PROJECT

OF_PULUMI = "state"
"""A stack of this name has no folder of its own: Pulumi keeps there what it knows of every stack."""


def local_folder(stack: str, configured: str | None) -> Path:
    """`configured` is `local.folder`; where there is none, the stack's own beside Pulumi's."""
    return Path(os.path.normpath(PROJECT / Path(configured or f".orderly/{stack}").expanduser()))
