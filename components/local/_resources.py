"""The resources of the `local` provider; their inputs are the fields of local_runtime.declarations and the folder.

No resource asks for a version: Pulumi.yaml names the folder that the provider is in, and there is only that one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi import Input, Output, ResourceOptions

GrantInput = Mapping[str, str]


class LocalResource(pulumi.CustomResource):
    """`digest` is of the inputs, secrets aside: it changes when the declaration does."""

    digest: Output[str]

    def __init__(
        self, name: str, inputs: Mapping[str, Any], outputs: Sequence[str] = (), opts: ResourceOptions | None = None
    ) -> None:
        awaited = dict.fromkeys(("digest", *outputs))
        super().__init__(f"local:index:{type(self).__name__}", name, {"name": name, **inputs, **awaited}, opts)


class Function(LocalResource):
    def __init__(
        self,
        name: str,
        *,
        home: str,
        handler: str,
        timeout_seconds: float,
        environment: Mapping[str, Input[str]],
        grants: Sequence[GrantInput],
        opts: ResourceOptions,
    ) -> None:
        inputs = {
            "home": home,
            "handler": handler,
            "timeout_seconds": timeout_seconds,
            "environment": dict(environment),
            "grants": [dict(grant) for grant in grants],
        }
        super().__init__(name, inputs, opts=opts)


class Queue(LocalResource):
    def __init__(
        self,
        name: str,
        *,
        home: str,
        visibility_timeout_seconds: float,
        max_receive_count: int,
        opts: ResourceOptions,
    ) -> None:
        inputs = {
            "home": home,
            "visibility_timeout_seconds": visibility_timeout_seconds,
            "max_receive_count": max_receive_count,
        }
        super().__init__(name, inputs, opts=opts)


class Consumer(LocalResource):
    def __init__(
        self, name: str, *, home: str, queue: str, function: str, max_concurrency: int, opts: ResourceOptions
    ) -> None:
        inputs = {"home": home, "queue": queue, "function": function, "max_concurrency": max_concurrency}
        super().__init__(name, inputs, opts=opts)


class Topic(LocalResource):
    def __init__(self, name: str, *, home: str, opts: ResourceOptions) -> None:
        super().__init__(name, {"home": home}, opts=opts)


class Subscription(LocalResource):
    def __init__(
        self,
        name: str,
        *,
        home: str,
        topic: str,
        queue: str,
        filter: Mapping[str, Sequence[str]],
        opts: ResourceOptions,
    ) -> None:
        super().__init__(name, {"home": home, "topic": topic, "queue": queue, "filter": dict(filter)}, opts=opts)


class EventBus(LocalResource):
    def __init__(self, name: str, *, home: str, opts: ResourceOptions) -> None:
        super().__init__(name, {"home": home}, opts=opts)


class Rule(LocalResource):
    def __init__(
        self,
        name: str,
        *,
        home: str,
        bus: str,
        pattern: Mapping[str, Sequence[object]],
        targets: Sequence[str],
        opts: ResourceOptions,
    ) -> None:
        super().__init__(
            name, {"home": home, "bus": bus, "pattern": dict(pattern), "targets": list(targets)}, opts=opts
        )


class Feed(LocalResource):
    def __init__(self, name: str, *, home: str, database: str, function: str, opts: ResourceOptions) -> None:
        super().__init__(name, {"home": home, "database": database, "function": function}, opts=opts)


class Workflow(LocalResource):
    def __init__(
        self,
        name: str,
        *,
        home: str,
        saga: Mapping[str, Any],
        tasks: Mapping[str, str],
        delay_scale: float,
        opts: ResourceOptions,
    ) -> None:
        inputs = {"home": home, "saga": dict(saga), "tasks": dict(tasks), "delay_scale": delay_scale}
        super().__init__(name, inputs, opts=opts)


class Schedule(LocalResource):
    def __init__(self, name: str, *, home: str, cron: str, timezone: str, function: str, opts: ResourceOptions) -> None:
        super().__init__(name, {"home": home, "cron": cron, "timezone": timezone, "function": function}, opts=opts)


class Api(LocalResource):
    def __init__(
        self,
        name: str,
        *,
        home: str,
        function: str,
        cors_origins: list[str],
        rate_per_second: float,
        burst: int,
        opts: ResourceOptions,
    ) -> None:
        inputs = {
            "home": home,
            "function": function,
            "cors_origins": cors_origins,
            "rate_per_second": rate_per_second,
            "burst": burst,
        }
        super().__init__(name, inputs, opts=opts)


class Alarm(LocalResource):
    def __init__(
        self, name: str, *, home: str, metric: str, resource: str, threshold: float, opts: ResourceOptions
    ) -> None:
        inputs = {"home": home, "metric": metric, "resource": resource, "threshold": threshold}
        super().__init__(name, inputs, opts=opts)


class Database(LocalResource):
    def __init__(
        self, name: str, *, home: str, schema: str, schema_digest: str, retain: bool, opts: ResourceOptions
    ) -> None:
        inputs = {"home": home, "schema": schema, "schema_digest": schema_digest, "retain": retain}
        super().__init__(name, inputs, opts=opts)


class Bucket(LocalResource):
    def __init__(self, name: str, *, home: str, retain: bool, opts: ResourceOptions) -> None:
        super().__init__(name, {"home": home, "retain": retain}, opts=opts)


class Secret(LocalResource):
    def __init__(self, name: str, *, home: str, value: Output[str], opts: ResourceOptions) -> None:
        super().__init__(name, {"home": home, "value": Output.secret(value)}, opts=opts)


class Issuer(LocalResource):
    """Makes an ES256 key pair whose private half stays in the folder."""

    issuer: Output[str]
    audience: Output[str]
    jwks_path: Output[str]

    def __init__(self, name: str, *, home: str, opts: ResourceOptions) -> None:
        super().__init__(name, {"home": home}, ("issuer", "audience", "jwks_path"), opts)


class RunTime(LocalResource):
    """The process that follows the declarations; it starts again when one of them, or the code, has changed."""

    url: Output[str]

    def __init__(
        self,
        name: str,
        *,
        home: str,
        port: int,
        log_level: str,
        declarations: Mapping[str, Output[str]],
        code: str,
        opts: ResourceOptions,
    ) -> None:
        inputs = {
            "home": home,
            "port": port,
            "log_level": log_level,
            "declarations": dict(declarations),
            "code": code,
        }
        super().__init__(name, inputs, ("url",), opts)
