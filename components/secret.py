"""A value that only functions with its reader link can read, at run time and by name; it is in no setting and no log.

| | is | read by | a new value is seen |
|---|---|---|---|
| aws | Secrets Manager | ARN | after the cache's time, or at once on a 401 |
| gcp | Secret Manager, numeric version | mounted as a variable of that instance | with the next deployment |
| azure | Key Vault with RBAC | a setting that the platform fills in | within a day, or with the next deployment |
| local | a file of mode 0600 | name | as above |
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import pulumi

from components.component import Component
from components.identity import Grant, Identity
from components.link import Link
from functions.environment import Variable


@dataclass(frozen=True, kw_only=True)
class SecretArgs:
    """`value` is marked secret: encrypted in the state and hidden in every preview."""

    value: pulumi.Output[str]


class Secret(Component[SecretArgs]):
    reference: pulumi.Input[str]
    """What a function asks the target's store for."""

    def reader(self, variable: Variable) -> Link:
        """The variable holds the reference, never the value."""
        return Link(grant=self.grant_read, variables={variable: self.reference})

    @abstractmethod
    def grant_read(self, identity: Identity) -> Grant: ...
