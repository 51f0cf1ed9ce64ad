"""Secrets that a function gets as variables: Cloud Run reads the value when an instance starts, as the function's
account, so it is in no configuration and needs no call at run time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp._project import Project
from components.link import Link


@dataclass(frozen=True, kw_only=True)
class Mount(Link):
    """A link that also says which version of a secret is the value of the variable `key`."""

    key: str
    secret: pulumi.Input[str]
    version: pulumi.Input[str]
    """A number: what `latest` means would be decided when an instance starts, so instances of one revision differ."""


def mounted(
    links: Iterable[Link], project: Project
) -> Iterator[gcp.cloudfunctionsv2.FunctionServiceConfigSecretEnvironmentVariableArgs]:
    for link in links:
        if isinstance(link, Mount):
            yield gcp.cloudfunctionsv2.FunctionServiceConfigSecretEnvironmentVariableArgs(
                key=link.key, project_id=project.id, secret=link.secret, version=link.version
            )
