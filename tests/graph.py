"""A system as plain values: what the program would ask Pulumi for, awaited, checked, without an Output in sight.

Pulumi's mocks accept any input of any resource. Here what speaks for a provider (tests.registration) looks at each of
its resources as the provider does, so a misspelt or missing field fails the build.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.rpc import _special_secret_sig, _special_sig_key

from components.config import OrderSystemConfig
from components.group import Transform
from components.system import OrderSystem
from tests.registration import PROVIDERS, Registration, kind_of, speaker

PROJECT = "orderly"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration; `secrets` names the inputs that hold something encrypted in the state.

    `state` is what other resources see of it: its inputs and what the provider computed. `dependencies` are the URNs of
    what it was told to wait for and of what its inputs come from.
    """

    urn: str
    id: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    state: Mapping[str, Any]
    secrets: frozenset[str]
    parent: str
    dependencies: frozenset[str]
    protect: bool
    version: str

    @property
    def kind(self) -> str:
        return kind_of(self.type)


@dataclass(frozen=True, kw_only=True)
class Graph:
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def of(self, kind: str) -> dict[str, Resource]:
        """The providers' resources of one kind (`Queue` of local, `sqs.Queue` of AWS), by name."""
        return {found.name: found for found in self if found.kind == kind and found.type.split(":")[0] in PROVIDERS}

    def one(self, kind: str, name: str) -> Resource:
        return self.of(kind)[name]

    def comes_after(self, resource: Resource, other: Resource) -> bool:
        """Whether the one is not begun before the other is there."""
        return other.urn in self._before(resource.urn)

    def _before(self, urn: str) -> frozenset[str]:
        if urn not in self._closures:
            direct = self._direct.get(urn, frozenset())
            self._closures[urn] = direct.union(*(self._before(each) for each in direct))
        return self._closures[urn]

    @cached_property
    def _closures(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _direct(self) -> dict[str, frozenset[str]]:
        return {found.urn: found.dependencies for found in self}


class RefusedInputsError(Exception):
    """The provider would refuse these inputs; one line for each resource."""


@dataclass(frozen=True, kw_only=True)
class _Made:
    id: str
    inputs: Mapping[str, Any]
    state: Mapping[str, Any]


class _Provider(Mocks):
    """Answers as the providers would, once the inputs are what they accept."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str], _Made] = {}
        self.refused: list[str] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        made = self._made(args, _as_written(_transformed(args)))
        self.made[args.typ, args.name] = made
        return made.id, dict(made.state)

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        asked = speaker(args.token)
        if asked is None:
            raise AssertionError(f"the program asks a provider for {args.token}")
        return dict(asked.invoked(args.token, args.args, self._explicit(args.provider))), []

    def _made(self, args: MockResourceArgs, inputs: Mapping[str, Any]) -> _Made:
        answering = speaker(args.typ)
        if answering is None:
            return _Made(id=f"{args.name}-id", inputs=inputs, state=inputs)
        asked = Registration(type=args.typ, name=args.name, inputs=inputs, provider=self._explicit(args.provider))
        self.refused.extend(f"{asked.kind} {asked.name}: {problem}" for problem in answering.problems(asked))
        resource_id, computed = answering.computed(asked)
        return _Made(id=resource_id, inputs=inputs, state={**inputs, **computed})

    def _explicit(self, reference: str | None) -> Mapping[str, Any]:
        """The inputs of the provider that `<urn>::<id>` names."""
        parts = (reference or "").split("::")
        made = self.made.get((parts[2].rpartition("$")[2], parts[3])) if len(parts) > 3 else None
        return made.inputs if made else {}


class _Monitor(MockMonitor):
    """Keeps what the mocks are not told: parents, dependencies and options."""

    def __init__(self, provider: _Provider) -> None:
        super().__init__(provider)
        self.made = provider.made
        self.recorded: list[Resource] = []

    def Invoke(self, request: Any) -> Any:  # noqa: N802, ANN401 as pulumi.runtime declares it
        with _event_loop():
            return super().Invoke(request)  # type: ignore[no-untyped-call]

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802, ANN401 as pulumi.runtime declares it
        with _event_loop():
            answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != "pulumi:pulumi:Stack":
            self.recorded.append(_resource(request, answer.urn, self.made[request.type, request.name]))
        return answer


OWN_BLOCKS: Mapping[str, Mapping[str, object]] = {
    "aws": {"aws": {"region": "eu-central-1", "account": "123456789012"}},
    "gcp": {"gcp": {"project": "orderly-test", "region": "europe-west1"}},
    "azure": {
        "azure": {
            "subscription": "11111111-2222-3333-4444-555555555555",
            "tenant_id": "66666666-7777-8888-9999-aaaaaaaaaaaa",
            "application_id": "bbbbbbbb-cccc-dddd-eeee-ffffffffffff",
            "location": "westeurope",
            "publisher_email": "api@shop.example",
        }
    },
}
"""What a target needs of its own block."""
_LOGIN = {"issuer": "https://login.example", "audience": "orders", "keys_url": "https://login.example/jwks"}
OWN_API: Mapping[str, Mapping[str, object]] = {"gcp": {"token": _LOGIN}, "azure": {"token": _LOGIN}}
"""What a target without an issuer of its own needs of the API's block, whatever else a test says there."""


def config(target: str = "local", **settings: object) -> OrderSystemConfig:
    """As a stack file of stage dev would say it."""
    written: dict[str, Any] = {"stage": "dev", "target": target, **OWN_BLOCKS.get(target, {}), **settings}
    if target in OWN_API:
        written["api"] = {**OWN_API[target], **written.get("api", {})}
    return OrderSystemConfig.parse(written)


def build(
    system: OrderSystemConfig, *, stack: str = "local", transforms: Mapping[str, Transform] | None = None
) -> Graph:
    """Everything that the configuration asks for. Raises what the program raises.

    A graph does not change, and that of a cloud takes seconds: what was built is not built again.
    """
    if transforms:
        return _built(system, stack, transforms)
    for known, its_stack, graph in _known:
        if (known, its_stack) == (system, stack):
            return graph
    graph = _built(system, stack, {})
    _known.append((system, stack, graph))
    return graph


_known: list[tuple[OrderSystemConfig, str, Graph]] = []


def _built(system: OrderSystemConfig, stack: str, transforms: Mapping[str, Transform]) -> Graph:
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


def _resource(request: Any, urn: str, made: _Made) -> Resource:  # noqa: ANN401 a protobuf message
    return Resource(
        urn=urn,
        id=made.id,
        type=request.type,
        name=request.name,
        inputs=made.inputs,
        state=made.state,
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
    return is_marked or any(_is_secret(part) for part in (*parts.values(), *value.list_value.values))
