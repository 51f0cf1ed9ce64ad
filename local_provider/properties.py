"""Between the engine's property values and plain ones: what is unknown until `up` stays so, secrets stay secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

Properties = dict[str, PropertyValue]
Plain = dict[str, Any]


def plain(properties: Mapping[str, PropertyValue]) -> Plain:
    """Nulls are left out at any depth, as an input that was not given is; whole numbers become int, which floats take
    too.
    """
    return {name: _plain(value) for name, value in properties.items() if value.value is not None}


def wrap(values: Mapping[str, Any]) -> Properties:
    return {name: _wrap(value) for name, value in values.items()}


def wrap_like(values: Mapping[str, Any], originals: Mapping[str, PropertyValue]) -> Properties:
    """Keep the original of each value that has not changed; one that has is secret where its original held a secret."""
    return {name: _like(value, originals.get(name)) for name, value in values.items()}


def secret_names(properties: Mapping[str, PropertyValue]) -> frozenset[str]:
    return frozenset(name for name, value in properties.items() if value.contains_secret())


def is_known(value: object) -> bool:
    """False if it, or any part of it, is decided only by `up`."""
    if isinstance(value, dict):
        return all(is_known(part) for part in value.values())
    if isinstance(value, list):
        return all(is_known(part) for part in value)
    return value != UNKNOWN


def _plain(property_value: PropertyValue) -> Any:  # noqa: ANN401 -- any JSON value
    value = property_value.value
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _wrap(value: Any) -> PropertyValue:  # noqa: ANN401 -- any JSON value
    if isinstance(value, dict):
        return PropertyValue({name: _wrap(part) for name, part in value.items()})
    if isinstance(value, list):
        return PropertyValue([_wrap(part) for part in value])
    return PropertyValue(float(value) if isinstance(value, int) and not isinstance(value, bool) else value)


def _like(value: Any, original: PropertyValue | None) -> PropertyValue:  # noqa: ANN401 -- any JSON value
    if original is None:
        return _wrap(value)
    return original if _plain(original) == value else _wrap(value).with_secret(original.contains_secret())
