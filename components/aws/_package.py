"""The zips that functions run from on Lambda, and how much it takes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from components.packages import Layout, Package
from components.packing import KEPT, ROOT, PackageError, sources
from components.wheels import Platform

LAMBDA = Platform(machine="aarch64", python="3.13")
TASK_ROOT = "/var/task"
"""Where a zip is unpacked."""
UNUSED = ("aws_lambda_powertools/event_handler", "aws_lambda_powertools/utilities/parser")
"""Powertools' web framework, with a copy of Swagger UI, and its models for pydantic: a quarter of the zip."""
REQUIREMENTS: Mapping[str, str] = {
    "functions": "requirements/functions/aws.txt",
    "authorizer": "requirements/functions/aws-authorizer.txt",
}
"""By package. The authorizer stands alone: only it needs cryptography, which is larger than all the rest."""

PROVIDED = frozenset({"botocore", "jmespath", "python-dateutil", "six"})
"""The runtime has them: boto3 comes with Lambda's Python, and these come with boto3. They are 33 MB of 45, and AWS
patches them. urllib3 is brought along: the runtime's may be of another major version than partners are called with."""

MAX_ZIPPED_BYTES = 50 * 1024 * 1024
MAX_BYTES = 250 * 1024 * 1024
"""docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: a zip that is uploaded, and what comes out of it."""


@cache
def package(name: str, *, platform: Platform = LAMBDA, root: Path = ROOT, kept: Path = KEPT) -> Path:
    """Where the zip is, built now if it was not before; raises PackageError, with what to do."""
    return Package(
        name=name,
        sources=tuple(sources(root, "aws")),
        requirements=without((root / REQUIREMENTS[name]).read_text(encoding="utf-8"), PROVIDED),
        layout=Layout(platform=platform, runs_in=TASK_ROOT, unused=UNUSED),
    ).built(kept, check=check_size)


def without(requirements: str, names: Iterable[str]) -> str:
    """A locked requirement begins at a line's start; its hashes and comments follow, indented."""
    kept: list[str] = []
    keeping = True
    for line in requirements.splitlines():
        if line and not line[0].isspace():
            keeping = line.partition("==")[0] not in names
        if keeping:
            kept.append(line)
    return "\n".join(kept) + "\n"


def check_size(path: Path) -> None:
    """Raises PackageError for more than Lambda takes."""
    with zipfile.ZipFile(path) as archive:
        unzipped = sum(entry.file_size for entry in archive.infolist())
    for what, size, allowed in (("zipped", path.stat().st_size, MAX_ZIPPED_BYTES), ("unzipped", unzipped, MAX_BYTES)):
        if size > allowed:
            raise PackageError(
                f"{path.name} has {size:,} bytes {what}; Lambda allows {allowed:,}: "
                "take a dependency out of requirements/functions and run make lock"
            )
