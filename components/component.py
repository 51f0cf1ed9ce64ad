"""What every contract begins with: a name, its arguments, the foundation, the transforms and Pulumi's options."""

from __future__ import annotations

from abc import ABC
from typing import Generic, TypeVar

import pulumi

from components.foundation import Foundation
from components.group import Group, Transform

Args = TypeVar("Args")


class Component(Group, ABC, Generic[Args]):
    """A group of resources that keeps one contract on one target."""

    def __init__(
        self,
        name: str,
        *,
        args: Args,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, transform=transform, opts=opts)
        self.name = name
