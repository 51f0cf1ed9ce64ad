"""What API Management and the app itself have in common as the front of an API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.api import ApiArgs
from components.azure._alarms import Alarm
from components.azure._app import FunctionApp
from components.azure._subscription import Subscription
from components.group import Child


@dataclass(frozen=True, kw_only=True)
class Exposed:
    """What is put before callers; `child` gives the options of the component's children."""

    name: str
    args: ApiArgs
    app: FunctionApp
    timeout_seconds: int
    subscription: Subscription
    child: Child


class Front(Protocol):
    @property
    def address(self) -> pulumi.Output[str]: ...
    def alarms(self) -> Iterator[Alarm]:
        """Of what the function's own alarms do not see."""
        ...
