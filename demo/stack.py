"""Where the system is: what its stack exports."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

from demo.errors import DemoError


@dataclass(frozen=True, kw_only=True)
class StackOutputs:
    api_url: str
    folder: str


def read_outputs(stack: str) -> StackOutputs:
    """By the CLI, so with whatever state and passphrase the caller's environment names."""
    command = ["pulumi", "stack", "output", "--json", "--non-interactive", "--stack", stack]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise DemoError('there is no pulumi on PATH; `make demo` brings it, or run eval "$(make -s env)"') from None
    if done.returncode:
        said = " ".join(done.stderr.split()).removeprefix("error: ")
        raise DemoError(f"stack {stack} cannot be read ({said}); make it with: make up STACK={stack}")
    outputs = json.loads(done.stdout)
    try:
        return StackOutputs(api_url=outputs["api_url"], folder=outputs["folder"])
    except KeyError as missing:
        raise DemoError(f"stack {stack} exports no {missing}; it is not up on the target local: make up") from None
