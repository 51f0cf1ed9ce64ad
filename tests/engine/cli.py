"""Where the Pulumi CLI is that the tests on the real engine use, and an end of what its SDK leaves behind."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def pulumi_on_path() -> Iterator[None]:
    """`pulumi` is on PATH meanwhile. Without one the test fails: skipped, it would prove nothing.

    At the end no loop is left for whatever test runs when garbage is collected, which would fail by its warning.
    """
    found = shutil.which("pulumi", path=os.pathsep.join(_folders()))
    if found is None:
        pytest.fail('there is no pulumi on PATH, in ORDERLY_PULUMI or built: run eval "$(make -s env)", or `make test`')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{Path(found).parent}")
        yield
    close_idle_loops()


def close_idle_loops() -> None:
    for loop in idle_loops():
        # One that was garbage has lost its sockets; pytest's report of it is what keeps it.
        with suppress(ValueError):
            loop.close()


def idle_loops() -> list[asyncio.BaseEventLoop]:
    """Open and not running: the SDK leaves one in each thread in which the Automation API ran a program."""
    loops = [each for each in gc.get_objects() if isinstance(each, asyncio.BaseEventLoop)]
    return [loop for loop in loops if not loop.is_closed() and not loop.is_running()]


def _folders() -> list[str]:
    """On PATH, named by ORDERLY_PULUMI, or where tools/pulumi/install.py builds it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "orderly"
    built = [str(folder) for folder in sorted(cache.glob("pulumi-*/bin"), reverse=True)]
    return [os.environ["PATH"], *filter(None, [os.environ.get("ORDERLY_PULUMI")]), *built]
