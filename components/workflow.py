"""Runs a saga: each step once it is its turn, retries, compensations in reverse; a run survives any restart.

A run's id is the caller's choice, and starting it again changes nothing; where the engine alone does not see to that,
the component puts a guard before it.

| | is | a task is | a second start is refused by | a run keeps its definition |
|---|---|---|---|---|
| aws | Step Functions | Lambda invoke of the alias | its name, for 90 days; express: an item in DynamoDB | yes |
| gcp | Cloud Workflows | HTTP call with an OIDC token | a document in Firestore | yes |
| azure | Durable Functions | HTTP call to the task's app | instance id and a document | yes, as the input |
| local | a journal in SQLite | call of the handler | the run's primary key | yes, it is stored with it |

What a saga means and its bounds: docs/saga.md.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from components.component import Component
from components.database import Database
from components.errors import WiringError
from components.function import Function
from components.identity import Grant, Identity
from components.link import Link, Variables
from components.saga.definition import Saga

Durability = Literal["standard", "express"]
"""Whether a run survives whatever happens, or is cheap and may be cut off."""


@dataclass(frozen=True, kw_only=True)
class WorkflowArgs:
    """`tasks` says which function performs each of the saga's tasks. WiringError unless it is exactly those."""

    saga: Saga
    tasks: Mapping[str, Function]
    durability: Durability
    guard: Database
    """Where it is kept who was started, if the engine alone would start somebody twice."""

    def __post_init__(self) -> None:
        for task in sorted(self.saga.tasks() ^ self.tasks.keys()):
            found = "no function performs" if task in self.saga.tasks() else "no step calls"
            raise WiringError(f"workflow of saga {self.saga.name}: {found} {task}; name it in both or in neither")


class Workflow(Component[WorkflowArgs]):
    variables: Variables

    def starter(self) -> Link:
        return Link(grant=self.grant_start, variables=self.variables)

    @abstractmethod
    def grant_start(self, identity: Identity) -> Grant: ...
