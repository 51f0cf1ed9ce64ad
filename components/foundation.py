"""What every component of a system stands on: made before the first of them, closed after the last.

| | before | after |
|---|---|---|
| aws | account, region, the permissions boundary | nothing more: the API answers once it is deployed |
| gcp | the APIs that have to be enabled, the project's number, the source bucket and the build account | nothing more |
| azure | resource group, package storage, Log Analytics workspace, Application Insights | publishes the packages |
| local | the folder | starts the run time, which follows every declaration |
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from components.component import Group, Transform

if TYPE_CHECKING:
    from components.api import Api
    from components.config import OrderSystemConfig


@dataclass(frozen=True, kw_only=True)
class FoundationArgs:
    config: OrderSystemConfig


class Foundation(Group, ABC):
    """Holds what all components share: the stage's profile and the target's own block of the configuration."""

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

    @property
    def python_log_level(self) -> str:
        """As Python's logging spells it."""
        return {"WARN": "WARNING"}.get(self.profile.log_level, self.profile.log_level)

    @abstractmethod
    def serve(self, api: Api) -> pulumi.Output[str]:
        """Everything is declared: open the system, and give the address that the API answers at."""
