"""parliament, which knows every action of AWS, the resources that it takes and the conditions that it has."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.conformance.saga.installed import ENGINES, require

SCRIPT = Path(__file__).with_name("lint_policies.py")
STREAM_TIME = re.compile(r"(/stream/[\d-]+T\d\d):(\d\d):")
"""The colons of a stream's ARN, which parliament takes for the end of a part."""
EVERYTHING = re.compile(r"(kms\.Key [^:]+|iam\.Policy orderly-boundary): RESOURCE_STAR")
"""In a key's own policy `*` is the key; the boundary grants nothing, and its denials are of everything."""


def findings(documents: Iterable[tuple[str, str]]) -> list[str]:
    """One line for each finding, with where the policy is; nothing if all are clean."""
    interpreter = ENGINES / "parliament" / "bin" / "python"
    require(interpreter)
    linted = subprocess.run(
        [interpreter, "-P", "-W", "ignore", SCRIPT],
        input=json.dumps([(place, STREAM_TIME.sub(r"\1\2", policy)) for place, policy in documents]),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(linted.stdout)
    return [line for line in found if not EVERYTHING.match(line)]
