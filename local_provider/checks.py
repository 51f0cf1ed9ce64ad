"""Refuses inputs that do not fit their struct, each with the path of the property, the value and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec.structs import FieldInfo
from pulumi.provider.experimental.provider import CheckFailure

from local_provider.properties import Plain, is_known

PLACE = re.compile(r" - at `\$(?P<path>.*)`$")
LONGEST_VALUE = 60


def fields(struct: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(struct)}


def failures(struct: type[msgspec.Struct], inputs: Plain, secrets: frozenset[str]) -> Iterator[CheckFailure]:
    """Every problem at once; what is not known yet is judged when it is. No value of `secrets` is shown."""
    known = fields(struct)
    for name in inputs.keys() - known.keys():
        yield CheckFailure(name, _unknown(name, list(known)))
    for name, field in known.items():
        if name not in inputs:
            if field.required:
                yield CheckFailure(name, "is missing: set it on the resource")
        elif is_known(inputs[name]):
            yield from _misfits(field, inputs[name], name in secrets)


def with_defaults(struct: type[msgspec.Struct], inputs: Plain) -> Plain:
    """The inputs and, for each that was not given, its default."""
    return {name: inputs[name] if name in inputs else _default(field) for name, field in fields(struct).items()}


def shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _unknown(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    advice = f"did you mean {close[0]}?" if close else "remove it"
    return f"is not an input of this resource; {advice} There is {', '.join(known)}"


def _misfits(field: FieldInfo, value: object, secret: bool) -> Iterator[CheckFailure]:
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        place = PLACE.search(str(error))
        path = field.name + (place["path"] if place else "")
        what = "the value (not shown: it is a secret)" if secret else shown(value)
        yield CheckFailure(path, f"{what} is not allowed: {_rule(error)}; correct it on the resource")


def _rule(error: msgspec.ValidationError) -> str:
    rule = PLACE.sub("", str(error))
    return rule[:1].lower() + rule[1:]


def _default(field: FieldInfo) -> Any:  # noqa: ANN401 -- of the field's type
    made = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return msgspec.to_builtins(made)
