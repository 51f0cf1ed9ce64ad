"""How a setting is declared: its type, its bounds, and the words for whoever gets it wrong."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, SecretStr, WithJsonSchema

UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
DURATION = re.compile(r"^([0-9]{1,6})([smh])$")


class Block(BaseModel):
    """A frozen group of settings; a key that it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def setting(default: Any, description: str, *, allowed: str, fix: str, because: str = "", **bounds: Any) -> Any:  # noqa: ANN401 pydantic.Field's own types
    """A field with its bounds; `because` names the target whose limit is the narrowest and what that limit is."""
    limits = f"{allowed} ({because})" if because else allowed
    return Field(
        default,
        description=f"{description} Allowed: {limits}.",
        json_schema_extra={"x-allowed": limits, "x-fix": fix},
        **bounds,
    )


def either(choices: Sequence[str]) -> str:
    """As in `a, b or c`."""
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last


def parse_duration(value: object) -> object:
    """`30s`, `5m` or `24h`; a timedelta stays as it is."""
    if isinstance(value, timedelta):
        return value
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("not a duration")
    return int(match[1]) * UNITS[match[2]]


def duration_text(value: timedelta) -> str:
    """The shortest text that `parse_duration` reads as the same duration."""
    for unit in ("h", "m"):
        if value and not value % UNITS[unit]:
            return f"{value // UNITS[unit]}{unit}"
    return f"{value // UNITS['s']}s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(duration_text),
    WithJsonSchema({"type": "string", "pattern": DURATION.pattern}),
]

Secret = Annotated[
    SecretStr,
    Field(min_length=1),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "object", "properties": {"secure": {"type": "string"}}, "required": ["secure"]},
            ]
        }
    ),
]
"""Set with `pulumi config set --secret --path`, which writes {secure: ...}; the program gets the decrypted text."""
