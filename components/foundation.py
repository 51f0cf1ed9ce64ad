"""What every component of a system stands on, made before the first of them.

| | is |
|---|---|
| aws | account, region, the permissions boundary |
| gcp | the APIs that have to be enabled, the project's number, the source bucket and the build account |
| azure | resource group, Log Analytics workspace, Application Insights, Service Bus namespace, key vault |
| local | the folder, and the list of what is declared in it |
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from components.group import Group, Transform

if TYPE_CHECKING:
    from components.config import OrderSystemConfig


@dataclass(frozen=True, kw_only=True)
class FoundationArgs:
    config: OrderSystemConfig


class Foundation(Group, ABC):
    """Holds what all components share: the stage's profile and the target's own block of the configuration."""

    providers: Sequence[pulumi.ProviderResource] = ()
    """What the target's resources are made by, where a stack's own configuration does not say it."""
    outputs: Mapping[str, pulumi.Input[str]]
    """What an operator of this target needs to know; the system exports it."""

    def __init__(
        self,
        name: str,
        *,
        args: FoundationArgs,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, transform=transform, opts=opts)
        self.config = args.config
        self.profile = args.config.profile

    def _own(self, name: str, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
        """A child made by the foundation's own provider, which came after the foundation itself."""
        (maker,) = self.providers
        return pulumi.ResourceOptions.merge(self._child(name, opts), pulumi.ResourceOptions(provider=maker))

    @property
    def python_log_level(self) -> str:
        """As Python's logging spells it."""
        return {"WARN": "WARNING"}.get(self.profile.log_level, self.profile.log_level)
