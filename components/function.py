"""A handler that runs when its trigger fires, as itself and with nothing but what it was linked to.

A call ends after `timeout`; a call that fails is repeated by whatever triggered it, as that
contract says. Two calls never share an instance's
memory for anything that matters.

| | is | identity | memory_mb | warm_instances | the package |
|---|---|---|---|---|---|
| aws | Lambda, arm64, `live` alias | role | as given | provisioned concurrency | zip named by its hash |
| gcp | Cloud Run function, 2nd gen | service account | as given, CPU to match | min instances | source zip by hash |
| azure | an app on Flex Consumption | managed identity | the instance's size | always ready | zip, OneDeploy |
| local | a module's function | its name | not limited | always warm | the checkout |

memory_mb is 512, 2048 or 4096 (the sizes of Azure's Flex Consumption).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from components.component import Component
from components.foundation import Foundation
from components.identity import Grant, Identity
from components.link import Link, Variables
from functions.environment import Variable


@dataclass(frozen=True, kw_only=True)
class Trigger(Link):
    """What calls a function: a link with one more step, which `attach` does once, when the function exists.

    That order breaks every circle: a queue is made first, the function next with its right to consume and the queue's
    name, and the subscription that needs the function's address last.
    """

    attach: Callable[[Function], None]


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """`handler` is a function in functions/entrypoints/<target>.py."""

    handler: str
    timeout: timedelta
    memory_mb: int
    warm_instances: int = 0
    is_awaited: bool = False
    """A caller waits for its answer, so a cold start is felt."""
    settings: Variables = field(default_factory=dict)
    """Variables that come from the configuration and name no other component."""
    links: tuple[Link, ...] = ()
    trigger: Trigger | None = None


class Function(Component[FunctionArgs]):
    identity: Identity
    grants: tuple[Grant, ...]
    """Everything the function may do."""

    @abstractmethod
    def grant_invoke(self, identity: Identity) -> Grant:
        """Let a workflow or an API call the function."""

    @staticmethod
    def _links(args: FunctionArgs, foundation: Foundation) -> tuple[Link, ...]:
        """What every function is linked to, its own links and its trigger."""
        everywhere: Variables = {
            Variable.STAGE: foundation.config.stage,
            Variable.LOG_LEVEL: foundation.python_log_level,
        }
        own = Link(variables={**everywhere, **args.settings})
        return (own, *args.links, *([args.trigger] if args.trigger else []))
