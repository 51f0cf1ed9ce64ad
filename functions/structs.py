"""Types of msgspec that threads may share from the first call on."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def ready(type_: type[T]) -> type[T]:
    """A decorator for every Struct. By itself msgspec looks at a type's fields when it first decodes one; where two
    threads are the first, the process ends with a segmentation fault, at msgspec 0.22.
    """
    msgspec.json.Decoder(type_)
    return type_
