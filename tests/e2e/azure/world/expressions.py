"""The language of Logic Apps' definitions, as far as the system's own definition has it. Another function raises."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

Json = Any
Functions = Mapping[str, Callable[..., Json]]
"""Those that look into a run: triggerBody, outputs, body, parameters."""

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[A-Za-z]\w*|\?\[|[()\[\],])")
_INSIDE = re.compile(r"@\{([^}]*)\}")
OWN: Functions = {
    "json": json.loads,
    "base64ToString": lambda text: base64.b64decode(text).decode(),
    "string": lambda value: value if isinstance(value, str) else json.dumps(value),
    "concat": lambda *parts: "".join(parts),
    "encodeURIComponent": lambda text: quote(text, safe=""),
}


def evaluated(written: Json, of_the_run: Functions) -> Json:
    """The value that stands there in a definition, with every expression in it evaluated."""
    if isinstance(written, Mapping):
        return {name: evaluated(value, of_the_run) for name, value in written.items()}
    if not isinstance(written, str):
        return written
    if written.startswith("@") and not written.startswith("@{"):
        return _Expression(written[1:], {**OWN, **of_the_run}).value()
    return _INSIDE.sub(lambda found: str(_Expression(found[1], {**OWN, **of_the_run}).value()), written)


class _Expression:
    """One call, with what is taken out of its result: `outputs('event')['id']`."""

    def __init__(self, text: str, functions: Functions) -> None:
        self._text, self._functions = text, functions
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s(?=(?:[^']*'[^']*')*[^']*$)", "", text):
            raise NotImplementedError(f"an expression that the tests cannot read: {text}")

    def value(self) -> Json:
        found = self._term()
        if self._tokens:
            raise NotImplementedError(f"an expression that the tests cannot read: {self._text}")
        return found

    def _term(self) -> Json:
        token = self._tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token not in self._functions:
            raise NotImplementedError(f"a function that the tests do not play: {token}")
        return self._taken_out(self._functions[token](*self._arguments()))

    def _arguments(self) -> list[Json]:
        self._tokens.pop(0)
        found = []
        while self._tokens[0] != ")":
            found.append(self._term())
            if self._tokens[0] == ",":
                self._tokens.pop(0)
        self._tokens.pop(0)
        return found

    def _taken_out(self, value: Json) -> Json:
        while self._tokens and self._tokens[0] in ("[", "?["):
            is_optional = self._tokens.pop(0) == "?["
            name = self._term()
            self._tokens.pop(0)
            value = value.get(name) if is_optional else value[name]
        return value
