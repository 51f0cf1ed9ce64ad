"""What an operator's scripts are given: JSON of printable ASCII alone, whatever is in an order or a message."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from functions.codec import moment_text
from functions.domain.order import Order
from operations.ports import DeadLetter


def text(document: object) -> str:
    """On one line."""
    return json.dumps(document, default=_plain)


def of_order(order: Order) -> dict[str, Any]:
    return {**asdict(order), "total_minor": order.total_minor}


def of_dead_letter(letter: DeadLetter) -> dict[str, Any]:
    """`body` is null if it is no text; `body_base64` has it either way."""
    try:
        body = letter.body.decode()
    except UnicodeDecodeError:
        body = None
    return {**asdict(letter), "body": body, "body_base64": base64.b64encode(letter.body).decode()}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")
