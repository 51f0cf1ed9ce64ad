"""How components are made: the target's class for each contract, its foundation and its transforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar, cast

import pulumi

from components.component import Component
from components.config import OrderSystemConfig
from components.errors import TransformError
from components.foundation import Foundation, FoundationArgs
from components.group import Transform
from components.targets import implementation

Args = TypeVar("Args", contravariant=True)
Made = TypeVar("Made", bound=Component[Any], covariant=True)


class Contract(Protocol[Args, Made]):
    """A contract's class, as it can be called once a target has made it concrete."""

    def __call__(
        self,
        name: str,
        *,
        args: Args,
        foundation: Foundation,
        transform: Transform | None,
        opts: pulumi.ResourceOptions | None,
    ) -> Made: ...


class Assembly:
    """Makes the components of one system; `transforms` has `<contract>/<name>` for keys."""

    def __init__(
        self,
        name: str,
        *,
        config: OrderSystemConfig,
        transforms: Mapping[str, Transform],
        parent: pulumi.Resource | None,
    ) -> None:
        self._target, self._transforms, self._reached = config.target, transforms, set[str]()
        self._made: list[Component[Any]] = []
        self._options = pulumi.ResourceOptions(parent=parent)
        foundation = cast("Callable[..., Foundation]", implementation(Foundation, config.target))
        self.foundation = foundation(
            name,
            args=FoundationArgs(config=config),
            transform=self._transform(Foundation, name),
            opts=self._options,
        )

    def make(self, contract: Contract[Args, Made], name: str, args: Args) -> Made:
        """The target's component for a contract."""
        made = implementation(contract, self._target)(
            name,
            args=args,
            foundation=self.foundation,
            transform=self._transform(contract, name),
            opts=self._options,
        )
        self._made.append(made)
        return made

    def finish(self) -> None:
        """Everything is made and linked. TransformError for a transform whose component was not made."""
        for unknown in sorted(self._transforms.keys() - self._reached):
            raise TransformError("the order system", unknown, sorted(self._reached))
        for component in self._made:
            component.finish()

    def _transform(self, contract: object, name: str) -> Transform:
        key = f"{cast(type, contract).__module__.rpartition('.')[2]}/{name}"
        self._reached.add(key)
        return self._transforms.get(key, {})
