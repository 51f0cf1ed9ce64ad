"""The grammar of Workflows' expressions, as its reference has it: reference/syntax/expressions and datatypes."""

from __future__ import annotations

import re
from collections.abc import Callable, Set

MAX_EXPRESSION = 400
FUNCTIONS = {
    "default": 2,
    "double": 1,
    "if": 3,
    "int": 1,
    "json.encode_to_string": 1,
    "keys": 1,
    "len": 1,
    "list.concat": 2,
    "map.get": 2,
    "map.merge": 2,
    "math.max": 2,
    "math.min": 2,
    "string": 1,
    "text.substring": 3,
}
"""Those that do not block, of the helpers and of the standard library, and how many arguments they take."""
LITERALS = {"null", "true", "false"}
WORDS = {"and", "or", "not", "in"}
TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<operator>==|!=|<=|>=|//|[-+*/%<>()\[\].,]))"""
)


def problem_of(text: str, variables: Set[str]) -> str:
    """Empty for one expression, and no more, that names nothing but functions and these variables."""
    if not text.startswith("${") or not text.endswith("}"):
        return "text around an expression"
    try:
        _Expression(text[2:-1], variables).read()
    except ValueError as error:
        return str(error)
    return ""


class _Expression:
    def __init__(self, text: str, variables: Set[str]) -> None:
        self._variables = variables
        self._tokens = list(_tokens(text))

    def read(self) -> None:
        self._or()
        if self._tokens:
            raise ValueError(f"{self._tokens[0]} is one too many")

    def _or(self) -> None:
        self._chain(self._and, {"or"})

    def _and(self) -> None:
        self._chain(self._comparison, {"and"})

    def _comparison(self) -> None:
        self._chain(self._sum, {"==", "!=", "<", "<=", ">", ">=", "in"})

    def _sum(self) -> None:
        self._chain(self._product, {"+", "-"})

    def _product(self) -> None:
        self._chain(self._unary, {"*", "/", "//", "%"})

    def _unary(self) -> None:
        """`not` binds more than any operator with two sides."""
        while self._is_next({"not", "-"}):
            self._take()
        self._operand()
        while self._is_next({"[", "."}):
            if self._take() == "[":
                self._or()
                self._want("]")
            else:
                self._name()

    def _operand(self) -> None:
        taken = self._take()
        if taken == "(":
            self._or()
            self._want(")")
        elif taken == "[":
            self._list("]")
        elif re.fullmatch(r"[A-Za-z_]\w*", taken):
            self._variable_or_call(taken)
        elif not re.match(r'\d|"', taken):
            raise ValueError(f"{taken} is no operand")

    def _variable_or_call(self, name: str) -> None:
        if name in WORDS:
            raise ValueError(f"{name} is no operand")
        if name in self._variables or name in LITERALS:
            return
        if self._is_next({"."}) and any(function.startswith(f"{name}.") for function in FUNCTIONS):
            name += self._take() + self._name()
        if not self._is_next({"("}):
            raise ValueError(f"{name} is no variable that is there")
        self._take()
        count = self._list(")")
        if FUNCTIONS.get(name) != count:
            raise ValueError(f"there is no function {name} of {count} arguments")

    def _list(self, closing: str) -> int:
        count = 0
        while not self._is_next({closing}):
            if count:
                self._want(",")
            self._or()
            count += 1
        self._take()
        return count

    def _chain(self, read: Callable[[], None], operators: Set[str]) -> None:
        read()
        while self._is_next(operators):
            self._take()
            read()

    def _name(self) -> str:
        token = self._take()
        if not re.fullmatch(r"[A-Za-z_]\w*", token):
            raise ValueError(f"{token} is no name")
        return token

    def _want(self, token: str) -> None:
        if (found := self._take()) != token:
            raise ValueError(f"{found} is where {token} has to be")

    def _is_next(self, tokens: Set[str]) -> bool:
        return bool(self._tokens) and self._tokens[0] in tokens

    def _take(self) -> str:
        if not self._tokens:
            raise ValueError("it ends too soon")
        return self._tokens.pop(0)


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        token = TOKEN.match(text, at)
        if not token:
            raise ValueError(f"{text[at:].strip()[0]} is in no expression")
        tokens.append(token.group().strip())
        at = token.end()
    return tokens
