"""A system as plain values: what the program would ask Pulumi for, awaited, checked, without an Output in sight.

Pulumi's mocks accept any input of any resource. Here every resource of the `local` provider is converted to its struct
in local_runtime.declarations, as the provider does, so a misspelt or missing field fails the build.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.rpc import _special_secret_sig, _special_sig_key

from components.config import OrderSystemConfig
from components.group import Transform
from components.system import OrderSystem
from local_runtime.declarations import KINDS

PROJECT = "orderly"
BESIDES_DECLARATIONS = {
    "Secret": {"name", "home", "value"},
    "Issuer": {"name", "home"},
    "RunTime": {"name", "home", "port", "log_level", "declarations", "code"},
}
"""The local provider's resources that are no declaration, and their inputs."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration; `secrets` names the inputs that hold something encrypted in the state."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    secrets: frozenset[str]
    parent: str
    dependencies: frozenset[str]
    protect: bool
    version: str

    @property
    def kind(self) -> str:
        return self.type.rpartition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Graph:
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def of(self, kind: str) -> dict[str, Resource]:
        """The provider's resources of one kind, by name."""
        return {found.name: found for found in self if found.type == f"local:index:{kind}"}

    def one(self, kind: str, name: str) -> Resource:
        return self.of(kind)[name]


class RefusedInputsError(Exception):
    """The provider would refuse these inputs; one line for each resource."""


class _Provider(Mocks):
    """Answers as the local provider would, once the inputs are what it accepts."""

    def __init__(self) -> None:
        self.inputs: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.refused: list[str] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = _as_written(_transformed(args))
        if args.typ.startswith("local:"):
            kind = args.typ.rpartition(":")[2]
            self.refused.extend(f"{kind} {args.name}: {problem}" for problem in _problems(kind, inputs))
        self.inputs[args.typ, args.name] = inputs
        return f"{args.name}-id", {**inputs, **_outputs(args.typ, args.name, inputs)}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(f"the program asks a provider for {args.token}")


class _Monitor(MockMonitor):
    """Keeps what the mocks are not told: parents, dependencies and options."""

    def __init__(self, provider: _Provider) -> None:
        super().__init__(provider)
        self.inputs = provider.inputs
        self.recorded: list[Resource] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802, ANN401 as pulumi.runtime declares it
        with _event_loop():
            answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != "pulumi:pulumi:Stack":
            self.recorded.append(_resource(request, answer.urn, self.inputs[request.type, request.name]))
        return answer


def config(target: str = "local", **settings: object) -> OrderSystemConfig:
    """As a stack file of stage dev would say it."""
    return OrderSystemConfig.parse({"stage": "dev", "target": target, **settings})


def build(
    system: OrderSystemConfig, *, stack: str = "local", transforms: Mapping[str, Transform] | None = None
) -> Graph:
    """Everything that the configuration asks for. Raises what the program raises."""
    return record(lambda: OrderSystem("orderly", config=system, transforms=transforms).outputs, stack=stack)


def record(program: Callable[[], Mapping[str, pulumi.Input[Any]]], *, stack: str = "local") -> Graph:
    provider, outputs = _Provider(), dict[str, Any]()
    monitor = _Monitor(provider)

    def run() -> pulumi.Output[None]:
        return pulumi.Output.all(**program()).apply(outputs.update)

    with _event_loop():
        pulumi.runtime.mocks.set_mocks(provider, project=PROJECT, stack=stack, preview=False, monitor=monitor)
        pulumi.runtime.test(run)()  # type: ignore[no-untyped-call]
    if provider.refused:
        raise RefusedInputsError(*provider.refused)
    return Graph(resources=tuple(monitor.recorded), outputs=outputs)


@contextmanager
def _event_loop() -> Iterator[None]:
    """Pulumi's mocks make an event loop in each thread they find without one, and leave it open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _transformed(args: MockResourceArgs) -> Mapping[str, Any]:
    """The engine runs transforms, the mocks leave it to us."""
    inputs: Mapping[str, Any] = args.inputs
    for transform in args.transforms:
        result = transform(
            pulumi.ResourceTransformArgs(bool(args.custom), args.typ, args.name, inputs, pulumi.ResourceOptions())
        )
        if isinstance(result, pulumi.ResourceTransformResult):
            inputs = result.props
    return inputs


def _as_written(value: Any) -> Any:  # noqa: ANN401 JSON
    """On the wire each number is a float, and a secret inside another value is wrapped."""
    if isinstance(value, Mapping):
        if value.get(_special_sig_key) == _special_secret_sig:
            return _as_written(value["value"])
        return {name: _as_written(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_as_written(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _problems(kind: str, inputs: Mapping[str, Any]) -> Iterator[str]:
    home = inputs.get("home")
    if not isinstance(home, str) or not Path(home).is_absolute():
        yield f"home is {home}; the run time starts elsewhere, so it has to be an absolute path"
    if kind in BESIDES_DECLARATIONS:
        if set(inputs) != BESIDES_DECLARATIONS[kind]:
            yield f"inputs are {sorted(inputs)}"
        return
    try:
        msgspec.convert({field: value for field, value in inputs.items() if field != "home"}, KINDS[kind])
    except msgspec.ValidationError as error:
        yield str(error)


def _outputs(type_token: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the local provider adds to a resource's inputs."""
    kind = type_token.rpartition(":")[2]
    extra = {
        "RunTime": {"url": "http://127.0.0.1:8080"},
        "Issuer": {
            "issuer": "http://127.0.0.1/issuer",
            "audience": "orderly",
            "jwks_path": f"{inputs.get('home')}/issuer/jwks.json",
        },
    }
    return {"digest": f"digest-of-{kind}-{name}", **extra.get(kind, {})} if type_token.startswith("local:") else {}


def _resource(request: Any, urn: str, inputs: Mapping[str, Any]) -> Resource:  # noqa: ANN401 a protobuf message
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        inputs=inputs,
        secrets=frozenset(name for name, value in request.object.fields.items() if _is_secret(value)),
        parent=request.parent,
        dependencies=frozenset(request.dependencies),
        protect=request.protect,
        version=request.version,
    )


def _is_secret(value: Any) -> bool:  # noqa: ANN401 a protobuf message
    """It, or a part of it."""
    parts = value.struct_value.fields
    signature = parts.get(_special_sig_key)
    is_marked = signature is not None and signature.string_value == _special_secret_sig
    return is_marked or any(_is_secret(part) for part in parts.values())
