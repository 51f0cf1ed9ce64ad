"""The texts that Azure's API knows, read off the installed SDK.

The SDK takes any text where its API has an enum, and any where a text says which of several structures is meant.
"""

from __future__ import annotations

import collections.abc
import re
import typing
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any

import pulumi
from pulumi import _types
from pulumi.runtime.rpc import UNKNOWN
from pulumi_azure_native import monitor

from tests import sdk
from tests.sdk import Problem

EXPECTED = re.compile(r"Expected value is '([^']+)'")
"""How the SDK documents a text that says which structure it is in."""
MISTAKEN: Mapping[tuple[type, str], type] = {(monitor.ConditionArgs, "operator"): monitor.Operator}
"""Where the SDK names another service's enum: the operators of ScheduledQueryRules are those of its API."""


def misfits(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A value that only `up` knows fits everywhere."""
    yield from _of_structure(sdk.arguments(type_token), inputs, "")


def _of_structure(kind: type, values: Mapping[str, Any], path: str) -> Iterator[Problem]:
    types, meant = _types.input_type_types(kind), _meant(kind)
    for name in sorted(values.keys() & types.keys()):
        where = f"{path}.{name}" if path else name
        if name in meant and values[name] != meant[name]:
            yield Problem(path=where, what=f"has to be {meant[name]} here")
        yield from _of(MISTAKEN.get((kind, name), types[name]), values[name], where)


def _of(expected: Any, value: Any, path: str) -> Iterator[Problem]:  # noqa: ANN401 a type and a value of JSON
    kinds = tuple(_plain(expected))
    if isinstance(value, str):
        yield from _of_text(kinds, value, path)
    elif isinstance(value, Mapping):
        yield from _of_mapping(kinds, value, path)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            for kind in _with_origin(kinds, collections.abc.Sequence):
                yield from _of(typing.get_args(kind)[0], part, f"{path}[{index}]")


def _of_text(kinds: tuple[Any, ...], value: str, path: str) -> Iterator[Problem]:
    known = [str(each.value) for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum) for each in kind]
    if known and value not in (*known, UNKNOWN):
        close = get_close_matches(value, known, n=1)
        advice = f"; is {close[0]} meant?" if close else ""
        yield Problem(path=path, what=f"is none of {', '.join(sorted(known))}{advice}")


def _of_mapping(kinds: tuple[Any, ...], value: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Of several structures, the one that declares most of what is there and has least against it is meant."""
    structures = [kind for kind in kinds if _types.is_input_type(kind)]
    if structures:
        ranked = [(_undeclared(kind, value), list(_of_structure(kind, value, path))) for kind in structures]
        yield from min(ranked, key=lambda found: (found[0], len(found[1])))[1]
    for kind in _with_origin(kinds, collections.abc.Mapping):
        for name, part in value.items():
            yield from _of(typing.get_args(kind)[1], part, f"{path}.{name}")


def _undeclared(kind: type, value: Mapping[str, Any]) -> int:
    return len(value.keys() - _types.input_type_types(kind).keys())


def _with_origin(kinds: tuple[Any, ...], origin: type) -> Iterator[Any]:
    return (kind for kind in kinds if typing.get_origin(kind) is origin)


def _plain(expected: Any) -> Iterator[Any]:  # noqa: ANN401 a type
    """What may be there, without Input, Output, Awaitable and Optional."""
    if typing.get_origin(expected) in (typing.Union, UnionType):
        for part in typing.get_args(expected):
            yield from _plain(part)
    elif typing.get_origin(expected) not in (pulumi.Output, collections.abc.Awaitable):
        yield expected


@cache
def _meant(kind: type) -> Mapping[str, str]:
    """By input, the text that says that it is this structure."""
    names = _types.input_type_py_to_pulumi_names(kind)
    documented = {names[name]: EXPECTED.search(getattr(kind, name).__doc__ or "") for name in names}
    return {name: found[1] for name, found in documented.items() if found}
