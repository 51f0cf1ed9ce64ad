"""Inputs of a resource with something else in one place."""

from __future__ import annotations

import copy
import re
from typing import Any


def with_value(inputs: Any, path: str, new: object) -> Any:  # noqa: ANN401 JSON
    """The same inputs with another value at one path, as in `settings.0.name`."""
    changed = copy.deepcopy(inputs)
    *steps, last = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", path)]
    place = changed
    for step in steps:
        place = place[step]
    place[last] = new
    return changed
