"""How the tables are written, and read, of what a cloud's provider computes of a resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any, TypeAlias

Template: TypeAlias = str | Callable[[Mapping[str, Any]], Any]
"""A text with the names of inputs, earlier outputs and what else is known; or what makes a value."""

Shape: TypeAlias = Mapping[str, Template]
"""The identifier under `id`, and what is added to the inputs, in the SDK's spelling on the wire."""


class Words(Formatter):
    def get_value(self, key: Any, args: Any, kwargs: Any) -> Any:  # noqa: ANN401 as Formatter declares it
        """An input that was not given reads as nothing."""
        return kwargs.get(key, "")


def filled(shape: Shape, known: Mapping[str, Any], words: Formatter) -> tuple[str, dict[str, Any]]:
    """The identifier, and the rest of what is computed; each may use what comes before it."""
    made: dict[str, Any] = {}
    for name, template in shape.items():
        so_far = {**known, **made}
        made[name] = template(so_far) if callable(template) else words.format(template, **so_far)
    return str(made.pop("id")), made


def constant(value: object) -> Callable[[Mapping[str, Any]], Any]:
    return lambda _: value
