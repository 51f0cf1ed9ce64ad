"""The environment variables where deploy time and run time meet: written by links, read here, named nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Variable(StrEnum):
    """Each name, and what its value is."""

    STAGE = "ORDERLY_STAGE"  # dev, staging or prod
    LOG_LEVEL = "ORDERLY_LOG_LEVEL"  # DEBUG, INFO, WARNING or ERROR
    PROJECT = "ORDERLY_PROJECT"  # the project of Google Cloud, which the names of traces begin with
    DATABASE = "ORDERLY_DATABASE"  # the database's physical name
    EVENT_BUS = "ORDERLY_EVENT_BUS"  # the bus that the relay publishes to
    TOPIC = "ORDERLY_TOPIC"
    QUEUE = "ORDERLY_QUEUE"
    DEAD_LETTERS = "ORDERLY_DEAD_LETTERS"  # where messages go that can never succeed
    WORKFLOW = "ORDERLY_WORKFLOW"  # the order saga's workflow
    WORKFLOW_KIND = "ORDERLY_WORKFLOW_KIND"  # standard or express, where there are two
    BUCKET = "ORDERLY_BUCKET"  # the event archive
    TOKEN_ISSUER = "ORDERLY_TOKEN_ISSUER"  # noqa: S105 -- an address, not a token
    TOKEN_AUDIENCE = "ORDERLY_TOKEN_AUDIENCE"  # noqa: S105
    TOKEN_KEYS = "ORDERLY_TOKEN_KEYS"  # noqa: S105 -- where the issuer's public keys (JWKS) are
    TOKEN_SCOPE_PREFIX = "ORDERLY_TOKEN_SCOPE_PREFIX"  # noqa: S105 -- what the issuer writes before each scope
    TENANT_ROLE = "ORDERLY_TENANT_ROLE"  # the role that a tenant's order access is signed with
    CORS_ORIGINS = "ORDERLY_CORS_ORIGINS"  # comma-separated
    CURRENCIES = "ORDERLY_CURRENCIES"  # comma-separated ISO 4217 codes
    MAX_TOTAL_MINOR = "ORDERLY_MAX_TOTAL_MINOR"
    HIGH_VALUE_MINOR = "ORDERLY_HIGH_VALUE_MINOR"  # an order whose total is above this has the tier `high`
    SANDBOX_STOCK = "ORDERLY_SANDBOX_STOCK"  # units on hand of a SKU never seen before
    IDEMPOTENCY_HOURS = "ORDERLY_IDEMPOTENCY_HOURS"
    EXPIRE_AFTER_HOURS = "ORDERLY_EXPIRE_AFTER_HOURS"
    PAYMENT_URL = "ORDERLY_PAYMENT_URL"  # unset: the sandbox
    PAYMENT_SECRET = "ORDERLY_PAYMENT_SECRET"  # noqa: S105 -- a secret's name, never its value
    WEBHOOK_URL = "ORDERLY_WEBHOOK_URL"  # unset: the notification is logged
    WEBHOOK_SECRET = "ORDERLY_WEBHOOK_SECRET"  # noqa: S105 -- a secret's name, never its value
    HANDLER = "ORDERLY_HANDLER"  # which handler a function app on Azure runs
    CALLERS = "ORDERLY_CALLERS"  # comma-separated ids of the principals that may call the app over HTTP
    AUDIENCE = "ORDERLY_AUDIENCE"  # what a token for a call from app to app is asked for
    TASKS = "ORDERLY_TASKS"  # JSON: by task, the address of the app that performs it
    HELD_SECONDS = "ORDERLY_HELD_SECONDS"  # from its delivery, before an app on Azure gives back a message that failed
    LEASE_SECONDS = "ORDERLY_LEASE_SECONDS"  # for which who starts a run on Azure keeps others from starting it
    SAGA = "ORDERLY_SAGA"  # JSON: the definition that the workflow's runs are started with
    COSMOS_ENDPOINT = "COSMOS__accountEndpoint"  # as a trigger's connection on Azure has it
    CLIENT_ID = "AZURE_CLIENT_ID"  # the app's own identity on Azure


class MissingVariableError(Exception):
    """The function runs without a variable that a link should have given it."""

    def __init__(self, variable: Variable) -> None:
        super().__init__(
            f"environment variable {variable} is not set: link the function to the component that provides it"
        )


@dataclass(frozen=True)
class Environment:
    """A function's variables, read once when its first event arrives."""

    values: Mapping[str, str]

    @classmethod
    def from_process(cls) -> Environment:
        return cls(dict(os.environ))

    def __getitem__(self, variable: Variable) -> str:
        try:
            return self.values[variable]
        except KeyError:
            raise MissingVariableError(variable) from None

    def get(self, variable: Variable) -> str | None:
        return self.values.get(variable) or None

    def integer(self, variable: Variable) -> int:
        return int(self[variable])

    def names(self, variable: Variable) -> tuple[str, ...]:
        """A comma-separated variable as its parts."""
        return tuple(part.strip() for part in self.values.get(variable, "").split(",") if part.strip())
