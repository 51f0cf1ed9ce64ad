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
        made_by = pulumi.ResourceOptions(providers=list(foundation.providers))
        super().__init__(name, transform=transform, opts=pulumi.ResourceOptions.merge(opts, made_by))

    def finish(self) -> None:
        """Nothing more will be linked to it or feed it: make what had to wait for that."""
