"""Where the Pulumi CLI is that the tests on the real engine use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def pulumi_on_path() -> Iterator[None]:
    """`pulumi` is on PATH meanwhile. Without one the test fails: skipped, it would prove nothing."""
    found = shutil.which("pulumi", path=os.pathsep.join(_folders()))
    if found is None:
        pytest.fail('there is no pulumi on PATH, in ORDERLY_PULUMI or built: run eval "$(make -s env)", or `make test`')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{Path(found).parent}")
        yield


def _folders() -> list[str]:
    """On PATH, named by ORDERLY_PULUMI, or where tools/pulumi/install.py builds it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "orderly"
    built = [str(folder) for folder in sorted(cache.glob("pulumi-*/bin"), reverse=True)]
    return [os.environ["PATH"], *filter(None, [os.environ.get("ORDERLY_PULUMI")]), *built]
