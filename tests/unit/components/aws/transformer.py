"""EventBridge's input transformer, as its documentation describes it.

A variable that stands alone becomes JSON; one inside a text of the template becomes its bare text, unescaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
VARIABLE = re.compile(r"<(\w+)>")


def transformed(event: Mapping[str, Any], transformer: Mapping[str, Any]) -> str:
    values = {name: _at(event, path) for name, path in transformer["inputPaths"].items()}
    template: str = transformer["inputTemplate"]
    made, end = [], 0
    for text in STRING.finditer(template):
        made += [_alone(template[end : text.start()], values), _within(text.group(), values)]
        end = text.end()
    return "".join([*made, _alone(template[end:], values)])


def _alone(template: str, values: Mapping[str, Any]) -> str:
    return VARIABLE.sub(lambda found: json.dumps(values[found[1]]), template)


def _within(template: str, values: Mapping[str, Any]) -> str:
    return VARIABLE.sub(lambda found: str(values[found[1]]), template)


def _at(event: Any, path: str) -> Any:  # noqa: ANN401 JSON
    for name in path.removeprefix("$.").split("."):
        event = event[name]
    return event
