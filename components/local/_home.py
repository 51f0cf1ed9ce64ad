"""The folder of a local system, and what has been declared in it so far."""

from __future__ import annotations

from typing import TypeVar

import pulumi

from components.errors import WiringError
from components.foundation import Foundation
from components.local._resources import LocalResource

Declared = TypeVar("Declared", bound=LocalResource)


class Home:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._declared: dict[str, LocalResource] = {}

    def declare(self, resource: Declared) -> Declared:
        """Remember what the run time has to wait for and to follow: it does both by the digest."""
        self._declared[f"{type(resource).__name__.lower()}/{resource.pulumi_resource_name}"] = resource
        return resource

    @property
    def digests(self) -> dict[str, pulumi.Output[str]]:
        return {name: resource.digest for name, resource in self._declared.items()}


def home_of(foundation: Foundation) -> Home:
    home = getattr(foundation, "_home", None)
    if not isinstance(home, Home):
        raise WiringError("a local component needs a local foundation; make both from components.local")
    return home
