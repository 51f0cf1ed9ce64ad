"""What Azure and its provider add to a resource's inputs: identifiers and addresses of their real shape.

The same resource gets the same answer every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from tests.azure.computed import SHAPES
from tests.templates import Words, filled

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"


class UnknownResourceError(Exception):
    def __init__(self, type_token: str) -> None:
        super().__init__(
            f"the tests do not know {type_token}: add what Azure computes of it to tests/azure/computed.py"
        )


def computed(
    type_token: str, logical_name: str, inputs: Mapping[str, Any], subscription: str
) -> tuple[str, dict[str, Any]]:
    """The identifier, and what is added to the inputs. UnknownResourceError for a type without a shape."""
    shape = SHAPES.get(type_token)
    if shape is None:
        raise UnknownResourceError(type_token)
    digest = hashlib.sha256(f"{type_token} {logical_name} {inputs}".encode()).hexdigest()
    return filled(shape, {**inputs, "subscription": subscription, "digest": digest}, _WORDS)


_WORDS = Words()
