"""Reads a JSON body into its type, and names everything that is wrong with it at once.

msgspec stops at the first wrong field and JSON parsers let duplicate keys pass, so a body is parsed strictly, then held
against the fields of its type one by one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import NoReturn, TypeVar

import msgspec
from msgspec import inspect

from functions import structs
from functions.api.bodies import FieldProblem
from functions.api.problems import INVALID_REQUEST, ProblemError, invalid

T = TypeVar("T", bound=msgspec.Struct)

MAX_PROBLEMS = 50
MAX_QUOTED_CHARACTERS = 40


def decode(body: bytes, type_: type[T]) -> T:
    """The body as its type; raises a 400 with a problem for each wrong field, MAX_PROBLEMS at most."""
    value = parse(body)
    wrong = list(islice(_problems(value, _shape(type_), ""), MAX_PROBLEMS))
    if wrong:
        raise invalid(wrong)
    return structs.convert(value, type_)


def parse(body: bytes) -> object:
    """Strict JSON: UTF-8, no duplicate key, no NaN, no nesting that exhausts the parser; raises a 400."""
    try:
        return json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise _unreadable(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _unreadable(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise _unreadable("it is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise _unreadable("it has a number that is too long") from error


def _unreadable(why: str) -> ProblemError:
    return ProblemError(INVALID_REQUEST, f"the body is not JSON that can be read: {why}")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise _unreadable(f"the key {quoted(twice)} stands more than once in one object")
    return unique


def _refuse_constant(name: str) -> NoReturn:
    raise _unreadable(f"{name} is not a JSON number")


@cache
def _shape(type_: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(type_)


def _problems(value: object, shape: inspect.Type, path: str, about: str = "") -> Iterator[FieldProblem]:
    match shape:
        case inspect.Metadata(type=inner):
            yield from _problems(value, inner, path, str((shape.extra_json_schema or {}).get("description")))
            if key := (shape.extra or {}).get("unique_by"):
                yield from _repeated(value, key, path)
        case inspect.StructType():
            yield from _object_problems(value, shape, path)
        case inspect.ListType():
            yield from _list_problems(value, shape, path)
        case _ if problem := _scalar_problem(value, shape, about):
            yield _problem(path, problem)


def _scalar_problem(value: object, shape: inspect.Type, about: str) -> str | None:
    match shape:
        case inspect.IntType(ge=int() as low, le=int() as high):
            fits = type(value) is int and low <= value <= high  # a bool is an int to isinstance
            return None if fits else f"must be a whole number from {low} to {high}, got {quoted(value)}"
        case inspect.StrType(pattern=str() as pattern):
            fits = isinstance(value, str) and re.fullmatch(pattern, value) is not None
            return None if fits else f"must be {about[:1].lower()}{about[1:]}; got {quoted(value)}"
    raise TypeError(f"{shape} has no bounds: an API takes nothing without them")


def _object_problems(value: object, shape: inspect.StructType, path: str) -> Iterator[FieldProblem]:
    if not isinstance(value, dict):
        yield _problem(path, f"must be a JSON object, got {quoted(value)}")
        return
    fields = {field.encode_name: field for field in shape.fields}
    for name, field in fields.items():
        where = f"{path}.{name}" if path else name
        if name in value:
            yield from _problems(value[name], field.type, where)
        elif field.required:
            yield _problem(where, "is missing")
    for name in value.keys() - fields.keys():
        where = clipped(f"{path}.{name}" if path else name)
        yield _problem(where, f"is not a field here; the fields are {', '.join(fields)}")


def _list_problems(value: object, shape: inspect.ListType, path: str) -> Iterator[FieldProblem]:
    if not isinstance(value, list):
        yield _problem(path, f"must be a list, got {quoted(value)}")
        return
    low, high = shape.min_length or 0, shape.max_length or len(value)
    if not low <= len(value) <= high:
        yield _problem(path, f"must have {low} to {high} entries, got {len(value)}")
    for index, entry in enumerate(value[:high]):
        yield from _problems(entry, shape.item_type, f"{path}[{index}]")


def _repeated(entries: object, key: str, path: str) -> Iterator[FieldProblem]:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(name, str) and first.setdefault(name, index) != index:
            yield _problem(
                f"{path}[{index}].{key}", f"is that of {path}[{first[name]}] already; make one entry of both"
            )


def _problem(path: str, problem: str) -> FieldProblem:
    return FieldProblem(field=path or "body", problem=problem)


def quoted(value: object) -> str:
    """A value as JSON writes it, in ASCII and cut short, so that it can be shown whatever it is."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return clipped(json.dumps(value))


def clipped(text: str) -> str:
    """Hostile text made harmless to show: ASCII, MAX_QUOTED_CHARACTERS at most."""
    shown = text.encode("ascii", "backslashreplace").decode()
    return shown if len(shown) <= MAX_QUOTED_CHARACTERS else f"{shown[:MAX_QUOTED_CHARACTERS]}..."
