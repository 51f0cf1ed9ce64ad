"""What every group of resources does alike: name its children, let a transform reach them, tell its target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol, TypeAlias

import pulumi

from components.errors import TransformError
from components.naming import require_component_name

Transform: TypeAlias = Mapping[str, pulumi.ResourceTransform]
"""For each child's name a Pulumi resource transform, which may change any argument and option of that child."""


class Child(Protocol):
    """Gives the options of a group's child by the name that a transform reaches it by."""

    def __call__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions: ...


class Group(pulumi.ComponentResource):
    """Resources under one parent, each of which a transform can reach by its name."""

    CHILDREN: ClassVar[tuple[str, ...]] = ()
    """The names that a transform can reach a child by; part of what an implementation promises."""
    _behind: object = ()
    """What the target's other components need of this one, as components/behind.py finds it: a thing or several."""

    def __init__(self, name: str, *, transform: Transform | None, opts: pulumi.ResourceOptions | None) -> None:
        require_component_name(name)
        self.name = name
        self._transform = dict(transform or {})
        for unknown in self._transform.keys() - set(self.CHILDREN):
            raise TransformError(f"{type(self).__name__.lower()} {name}", unknown, self.CHILDREN)
        super().__init__(_type_token(type(self)), name, None, opts)

    def _child(self, name: str, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
        """The options of the child that a transform reaches by `name`."""
        hook = self._transform.get(name)
        own = pulumi.ResourceOptions(parent=self, transforms=[hook] if hook else None)
        return pulumi.ResourceOptions.merge(own, opts)

    def _hooks(self, *names: str) -> Transform:
        """The transforms that a component inside this one gets."""
        return {name: hook for name, hook in self._transform.items() if name in names}


def _type_token(kind: type) -> str:
    """`orderly:local:Queue` for components.local.queue.Queue, so that a child's URN says where it came from."""
    target = kind.__module__.split(".")[1]
    return f"orderly:{target}:{kind.__name__}"
