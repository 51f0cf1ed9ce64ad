"""Answers HTTP at one address, by the route table that the OpenAPI document is made from.

A token is verified at the gateway where the function cannot be reached round it, otherwise in the function.

| | is | token | CORS | rate and burst | longest request |
|---|---|---|---|---|---|
| aws | HTTP API or REST API | gateway, scopes by route | gateway | the stage's | 29 s |
| gcp | API Gateway | gateway, scopes in the function | function | not limited | gateway's deadline |
| azure | API Management | gateway, scopes by operation | gateway | with tier Basic v2 | gateway's deadline |
| local | uvicorn on loopback | function | function | as given | the function's timeout |
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import pulumi

from components.component import Component
from components.function import Function
from components.issuer import Issuer


@dataclass(frozen=True, kw_only=True)
class ApiArgs:
    function: Function
    issuer: Issuer
    cors_origins: tuple[str, ...]
    rate_per_second: int
    burst: int


class Api(Component[ApiArgs]):
    @abstractmethod
    def serve(self) -> pulumi.Output[str]:
        """Last: everything is declared, so open the system to callers and give the address that it answers at."""
