"""What a cloud's installed SDK says of each type: its inputs, which of them are required, and their types.

The SDK itself takes any key and any value in a nested dict, and the mocks take them everywhere.
"""

from __future__ import annotations

import collections.abc
import inspect
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cache
from importlib import import_module
from types import UnionType
from typing import Any

import pulumi
from pulumi import _types
from pulumi.runtime.rpc import UNKNOWN

SIMPLE = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}
MODULES = {"lambda": "lambda_"}
"""Where the SDK's Python module is not called as the type token says."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What a provider's check would refuse, and where."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path} {self.what}"


@dataclass(frozen=True, kw_only=True)
class Declared:
    types: Mapping[str, Any]
    required: frozenset[str]


def misfits(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What the SDK's class of this type does not declare so. A value that only `up` knows fits everywhere."""
    yield from _misfits_of(_declared(arguments(type_token)), inputs, "")


@cache
def computed_names(type_token: str) -> frozenset[str]:
    """The outputs that are no inputs."""
    resource, arguments = _classes(type_token)
    return frozenset(_types.resource_types(resource)) - _declared(arguments).types.keys()


def input_names(type_token: str) -> frozenset[str]:
    return frozenset(_declared(arguments(type_token)).types)


def _misfits_of(declared: Declared, values: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for name in sorted(values.keys() - declared.types.keys()):
        close = get_close_matches(name, declared.types, n=1)
        advice = f"; is {close[0]} meant?" if close else ""
        yield Problem(path=f"{path}{name}", what=f"is no argument of this type{advice}")
    for name in sorted(declared.required - values.keys()):
        yield Problem(path=f"{path}{name}", what="is missing")
    for name in sorted(values.keys() & declared.types.keys()):
        yield from _misfits(declared.types[name], values[name], f"{path}{name}")


def _misfits(expected: Any, value: Any, path: str) -> Iterator[Problem]:  # noqa: ANN401 a type and a value of JSON
    """Of several structures, the one that the value fits best is meant."""
    choices = _unwrapped(expected, value)
    yield from min((list(_misfits_of_kind(kind, value, path)) for kind in choices), key=len)


def _misfits_of_kind(kind: Any, value: Any, path: str) -> Iterator[Problem]:  # noqa: ANN401
    origin = typing.get_origin(kind)
    if value == UNKNOWN or kind is Any:
        return
    if _types.is_input_type(kind):
        yield from _of_structure(kind, value, path)
    elif origin is collections.abc.Sequence:
        yield from _of_list(kind, value, path)
    elif origin is collections.abc.Mapping:
        yield from _of_map(kind, value, path)
    elif not _is(kind, value):
        yield Problem(path=path, what=f"is {_shown(value)}; it has to be {_said(kind)}")


def _of_structure(kind: type, value: Any, path: str) -> Iterator[Problem]:  # noqa: ANN401
    if isinstance(value, Mapping):
        yield from _misfits_of(_declared(kind), value, f"{path}.")
    else:
        yield Problem(path=path, what=f"is {_shown(value)}; it has to be a {kind.__name__}")


def _of_list(kind: Any, value: Any, path: str) -> Iterator[Problem]:  # noqa: ANN401
    if isinstance(value, Sequence) and not isinstance(value, str):
        for index, part in enumerate(value):
            yield from _misfits(typing.get_args(kind)[0], part, f"{path}[{index}]")
    else:
        yield Problem(path=path, what=f"is {_shown(value)}; it has to be a list")


def _of_map(kind: Any, value: Any, path: str) -> Iterator[Problem]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _misfits(typing.get_args(kind)[1], part, f"{path}.{name}")
    else:
        yield Problem(path=path, what=f"is {_shown(value)}; it has to be a map")


def _said(kind: type) -> str:
    if issubclass(kind, Enum):
        return " or ".join(str(each.value) for each in kind)
    return SIMPLE.get(kind, kind.__name__)


def _is(kind: type, value: object) -> bool:
    if issubclass(kind, Enum):
        return value in [each.value for each in kind]
    if isinstance(value, bool):
        return kind is bool
    if kind is float:
        return isinstance(value, int | float)
    return isinstance(value, kind)


def _shown(value: object) -> str:
    """Its type alone, since a value may be a secret."""
    return f"a {type(value).__name__}"


def _unwrapped(expected: Any, value: Any) -> Sequence[Any]:  # noqa: ANN401 a type and a value of JSON
    """The plain type in Input, Output, Awaitable and Optional; of a choice, those that the value may be meant as."""
    if typing.get_origin(expected) not in (typing.Union, UnionType):
        return [expected]
    plain = [
        part
        for part in typing.get_args(expected)
        if typing.get_origin(part) not in (pulumi.Output, collections.abc.Awaitable) and part is not type(None)
    ]
    if isinstance(value, str) and str in plain:
        return [str]
    return [part for part in plain if _types.is_input_type(part)] or _unwrapped(plain[0], value)


@cache
def _declared(arguments: type) -> Declared:
    names = _types.input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments).parameters.values()
    required = {names[found.name] for found in parameters if found.default is inspect.Parameter.empty}
    return Declared(types=_types.input_type_types(arguments), required=frozenset(required))


def arguments(type_token: str) -> type:
    """The class whose parameters are the inputs."""
    return _classes(type_token)[1]


@cache
def _classes(type_token: str) -> tuple[type, type]:
    """The class of a resource and the class of its arguments."""
    package, module, name = type_token.split(":")
    part = module.partition("/")[0]
    # by attribute, as a program does: the SDK's modules are loaded by their first use
    found = getattr(import_module(f"pulumi_{package.replace('-', '_')}"), MODULES.get(part, part))
    arguments = next(each for each in (f"{name}InitArgs", f"{name}Args") if hasattr(found, each))
    return getattr(found, name), getattr(found, arguments)
