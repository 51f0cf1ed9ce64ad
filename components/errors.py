"""What a user did wrong, in words they can act on; none of these ever shows a traceback.

pulumi.RunError
├── ConfigError      the stack file says something that cannot be; every problem at once
├── WiringError      components were put together in a way that some target cannot do
└── TransformError   a transform names a child that the component does not have
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.stackfile import NAMESPACE


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One line about one setting: what is wrong with it, what is allowed and what to do next.

    `involves` names the settings it was found from: where one of them is wrong by itself, only that is reported.
    """

    path: str
    what: str
    allowed: str
    fix: str
    involves: frozenset[str] = frozenset()

    def __str__(self) -> str:
        line = f"{NAMESPACE}:{self.path}: {self.what}; {self.allowed}; {self.fix}"
        return " ".join(line.split())


class ConfigError(pulumi.RunError):
    """The configuration was refused; the message is one line for each problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class WiringError(pulumi.RunError):
    """The message names both components and the order or the pair that works."""


class TransformError(pulumi.RunError):
    def __init__(self, component: str, unknown: str, known: Sequence[str]) -> None:
        super().__init__(
            f"transform of {component}: there is no {unknown}; there is {', '.join(known)}; correct the name"
        )
