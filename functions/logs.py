"""JSON-lines logs on the standard library's logging: one object a line, with the ids of the request and order at hand.

Bodies and tokens are never logged; should one slip into a message or an exception all the same, what looks like a
secret is struck out.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TextIO

import msgspec

LEVELS = {
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARNING": logging.WARNING,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
}
REDACTED = "[redacted]"
MAX_TEXT_CHARACTERS = 8192
"""Keeps a line below the 256 KB that CloudWatch and Cloud Logging take, whatever an exception says."""

_SECRET_NAME = re.compile(r"authorization|token|secret|password|api[-_]?key|cookie|signature|body", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"eyJ[\w-]+\.[\w-]+(\.[\w-]*)?"  # a JWT
    r"|(?<=[Bb]earer )\s*\S+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)",
    re.DOTALL,
)
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_context: ContextVar[Mapping[str, str]] = ContextVar("log_context", default=MappingProxyType({}))


@contextmanager
def context(**fields: str | None) -> Iterator[None]:
    """Every line logged inside carries the fields: request_id, trace_id, order_id, tenant. Empty ones are left out."""
    known = {name: value for name, value in fields.items() if value}
    token = _context.set({**_context.get(), **known})
    try:
        yield
    finally:
        _context.reset(token)


def bind(**fields: str) -> None:
    """Add fields that become known on the way; they hold until the enclosing `context` ends."""
    _context.set({**_context.get(), **fields})


def configure(
    *,
    level: str,
    function: str,
    stage: str,
    stream: TextIO | None = None,
    lines: type[JsonFormatter] | None = None,
) -> None:
    """Send every logger's lines to `stream` (standard error) as JSON; what a platform had set up is replaced.

    `lines` is the JsonFormatter to use, where a platform wants more of a line.
    """
    number = level_of(level)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter((lines or JsonFormatter)(function=function, stage=stage))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)


def level_of(name: str) -> int:
    """As the standard library counts; raises ValueError for a name that is none of LEVELS."""
    if name.upper() not in LEVELS:
        raise ValueError(f"log level is {name!r}: use one of {', '.join(LEVELS)}")
    return LEVELS[name.upper()]


class JsonFormatter(logging.Formatter):
    """One JSON object: time, level, message, logger, function, stage, the context, `extra` and the exception."""

    def __init__(self, *, function: str, stage: str) -> None:
        super().__init__()
        self._where = {"function": function, "stage": stage}

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname,
            "message": _safe_text(record.getMessage()),
            "logger": record.name,
            **self._where,
            **_context.get(),
            **_extra(record),
            **_exception(record),
        }
        return msgspec.json.encode(fields).decode()


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: _safe(name, value) for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}


def _exception(record: logging.LogRecord) -> dict[str, object]:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {}
    return {
        "error": type(error).__name__,
        "error_message": _safe_text(_written(error)),
        "stack": _safe_text("".join(traceback.format_exception(error))),
    }


def _safe(name: str, value: object) -> object:
    if _SECRET_NAME.search(name):
        return REDACTED
    if isinstance(value, Mapping):
        return {str(key): _safe(str(key), entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_safe("", entry) for entry in value]
    if value is None or isinstance(value, bool | int):
        return value
    return _safe_text(_written(value))


def _written(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 -- a line of the log must not be lost with what it tells of
        return f"a {type(value).__name__} that cannot be written"


def _safe_text(text: str) -> str:
    shown = _SECRET_TEXT.sub(REDACTED, text)
    if len(shown) > MAX_TEXT_CHARACTERS:
        shown = f"{shown[:MAX_TEXT_CHARACTERS]}... ({len(shown)} characters)"
    return shown.encode("utf-8", "backslashreplace").decode()
