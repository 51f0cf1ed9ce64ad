"""Decoding into types that threads share; nothing else in functions/ asks msgspec for a type.

By itself msgspec looks at a type's fields when it first decodes one, and where two threads are the first, the process
ends with a segmentation fault, at msgspec 0.22. So one thread looks and the others wait. It is not done when a module
is loaded: a cold start would pay for every type, and its first request decodes one or none.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_looking = Lock()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def decode(body: bytes | str, type_: type[T]) -> T:
    """Of JSON; raises what msgspec does."""
    return _decoder(type_).decode(body)


def convert(value: object, type_: type[T]) -> T:
    """Of what JSON decodes to; raises what msgspec does."""
    _decoder(type_)
    return msgspec.convert(value, type_)


def _decoder(type_: type[T]) -> msgspec.json.Decoder[T]:
    decoder = _decoders.get(type_)
    if decoder is None:
        with _looking:
            decoder = _decoders[type_] = msgspec.json.Decoder(type_)
    return decoder
