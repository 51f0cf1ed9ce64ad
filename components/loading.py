"""From what somebody wrote to a valid configuration, or to one readable line for each thing that is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from components.errors import ConfigError, Problem

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


Model = TypeVar("Model", bound=BaseModel)
Location = Sequence[str | int]
STAND_INS = {"stage": "dev", "target": "local"}
"""For what is missing or wrong and has no default, so that the rest can be judged."""
LONGEST_VALUE = 60


def load(
    model: type[Model],
    written: Mapping[str, Any],
    *,
    hidden: frozenset[str],
    contradictions: Callable[[Model], Iterable[Problem]],
) -> Model:
    """Raises ConfigError with every problem at once; of the blocks in `hidden` no value is shown."""
    written = {name: {} if _is_empty_block(model, name, value) else value for name, value in written.items()}
    try:
        config, problems = model.model_validate(written), []
    except ValidationError as error:
        problems = [_problem(model, detail, written, hidden) for detail in error.errors()]
        config = _sound_rest(model, written, error)
    wrong = frozenset(problem.path for problem in problems)
    problems += [problem for problem in contradictions(config) if not _overlap(problem.involves, wrong)]
    if problems:
        raise ConfigError(problems)
    return config


def _is_empty_block(model: type[BaseModel], name: str, value: object) -> bool:
    """A block whose settings are all commented out reaches us as nothing, or as an empty text."""
    return value in (None, "") and _block(model, [name]) is not None


def _problem(
    model: type[BaseModel], detail: ErrorDetails, written: Mapping[str, Any], hidden: frozenset[str]
) -> Problem:
    location = _location(detail)
    path = _path(location)
    if detail["type"] == "extra_forbidden":
        return _unknown(model, location)
    field = _field(model, location)
    rule = field.json_schema_extra if field and isinstance(field.json_schema_extra, dict) else {}
    what = "missing" if detail["type"] == "missing" else f"{_shown(model, location, written, hidden)} is not allowed"
    allowed = rule.get("x-allowed", "a block of settings")
    fix = rule.get("x-fix", "indent its settings under it")
    return Problem(path=path, what=what, allowed=f"allowed is {allowed}", fix=str(fix))


def _location(detail: ErrorDetails) -> Location:
    """Where it is; pydantic says of a mapping's wrong key that it is in `[key]`, which nobody wrote."""
    return tuple(part for part in detail["loc"] if part != "[key]")


def _unknown(model: type[BaseModel], location: Location) -> Problem:
    block = _block(model, location[:-1])
    known = list(block.model_fields) if block else []
    close = get_close_matches(str(location[-1]), known, n=1)
    fix = f"did you mean {close[0]}?" if close else "remove it or correct the name"
    return Problem(path=_path(location), what="unknown setting", allowed=f"known are {', '.join(known)}", fix=fix)


def _path(location: Location) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")


def _field(model: type[BaseModel], location: Location) -> FieldInfo | None:
    """The field that a location is in; a place inside a list or a mapping belongs to the field that holds it."""
    block: type[BaseModel] | None = model
    field = None
    for name in (part for part in location if isinstance(part, str)):
        if block is None:
            break
        field = block.model_fields.get(name)
        block = _first(_classes(field.annotation), BaseModel) if field else None
    return field


def _block(model: type[BaseModel], names: Location) -> type[BaseModel] | None:
    block: type[BaseModel] | None = model
    for name in names:
        field = block.model_fields.get(str(name)) if block else None
        block = _first(_classes(field.annotation), BaseModel) if field else None
    return block


def _classes(annotation: object) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for part in get_args(annotation):
        yield from _classes(part)


def _first(classes: Iterable[type], kind: type[BaseModel]) -> type[BaseModel] | None:
    return next((found for found in classes if issubclass(found, kind)), None)


def _shown(model: type[BaseModel], location: Location, written: Mapping[str, Any], hidden: frozenset[str]) -> str:
    if location[0] in hidden or _holds_secrets(_field(model, location)):
        return "the value (not shown: it holds a secret)"
    value: Any = written
    for part in location:
        value = value[part]
    text = value if isinstance(value, str) and not _reads_as_json(value) else json.dumps(value, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _reads_as_json(text: str) -> bool:
    """A quoted "512" is shown in its quotes: they are what is wrong with it."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _holds_secrets(field: FieldInfo | None) -> bool:
    """A secret, or a block with one: what stands in a block's place may be the secret itself."""
    classes = list(_classes(field.annotation)) if field else []
    block = _first(classes, BaseModel)
    return SecretStr in classes or bool(block and any(_holds_secrets(inner) for inner in block.model_fields.values()))


def _sound_rest(model: type[Model], written: Mapping[str, Any], error: ValidationError) -> Model:
    """What is left without each wrong part, so that the rest is judged as well; a block that lacks one goes whole."""
    for detail in error.errors():
        names = [part for part in _location(detail) if isinstance(part, str)]
        written = _without(written, names[:-1] if detail["type"] == "missing" else names)
    try:
        return model.model_validate(STAND_INS | dict(written))
    except ValidationError as further:
        return _sound_rest(model, written, further)


def _without(written: Mapping[str, Any], names: Sequence[str]) -> Mapping[str, Any]:
    if not names or names[0] not in written:
        return written
    rest = {name: part for name, part in written.items() if name != names[0]}
    return rest if len(names) == 1 else rest | {names[0]: _without(written[names[0]], names[1:])}


def _overlap(involved: Iterable[str], wrong: frozenset[str]) -> bool:
    return any(path.startswith(bad) or bad.startswith(path) for path in involved for bad in wrong)
