"""API Management's policies as they were recorded: which of them apply, and what their expressions say.

An operation's policy has its API's in the place of `<base />`. Of the language of expressions, C#, it knows those that
the system writes; another one raises.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, fromstring

Claims = Mapping[str, Any]
NOTHING = "<policies><inbound /><backend /><outbound /><on-error /></policies>"


@dataclass(frozen=True)
class Policies:
    """`of_operation` is empty for a request that no operation is for."""

    of_api: str
    of_operation: str = ""

    def section(self, name: str) -> Iterator[Element]:
        yield from self._of(self.of_operation or "<policies><_ /></policies>", name, self._of(self.of_api, name, ()))

    @staticmethod
    def _of(text: str, name: str, base: Any) -> list[Element]:  # noqa: ANN401 any iterable of elements
        section = fromstring(text).find(name)  # noqa: S314 what the system wrote
        if section is None:
            return list(base)
        return [each for part in section for each in (base if part.tag == "base" else (part,))]


@dataclass
class Context:
    """What expressions see; `verified` is the token that `validate-jwt` has left in its variable."""

    request_id: str
    verified: Claims | None = None
    error_source: str = ""
    error_reason: str = ""
    sent: dict[str, str] = field(default_factory=dict)
    """Headers that the policies have set or taken away, by name in lower case; empty: taken away."""


def value(text: str, context: Context) -> str:
    """What an expression gives, or the text itself if it is none."""
    if not text.startswith("@"):
        return text
    if text == "@(context.RequestId.ToString())":
        return context.request_id
    return _told(text, context)


def holds(condition: str, context: Context) -> bool:
    for pattern, decide in CONDITIONS.items():
        if found := re.fullmatch(pattern, condition):
            return decide(found[1], context)
    raise NotImplementedError(f"a condition that the tests cannot decide: {condition}")


CONDITIONS: Mapping[str, Callable[[str, Context], bool]] = {
    r'@\(context\.LastError\.Source == "([\w-]+)"\)': lambda wanted, context: context.error_source == wanted,
    r'@\(context\.LastError\.Reason == "(\w+)"\)': lambda wanted, context: context.error_reason == wanted,
    r'@\(!\(\(Jwt\)context\.Variables\["token"\]\)\.Claims\.GetValueOrDefault\("scope", ""\)'
    r"\.Split\(' ', ','\)\.Contains\(\"([^\"]+)\"\)\)": lambda wanted, context: (
        wanted not in re.split("[ ,]", claim(context, "scope"))
    ),
}

_BLOCK = re.compile(
    r'@\{ var token = \(\(Jwt\)context\.Variables\["token"\]\); '
    r"var claims = new JObject\( (?P<properties>.+)\); "
    r"var text = Convert\.ToBase64String\(Encoding\.UTF8\.GetBytes\(claims\.ToString\("
    r"Newtonsoft\.Json\.Formatting\.None\)\)\); "
    r"return text\.TrimEnd\('='\)\.Replace\('\+', '-'\)\.Replace\('/', '_'\); \}"
)
_PROPERTY = re.compile(r'new JProperty\("(?P<name>\w+)", (?P<value>.+)\)')
_SUBJECT = 'token.Subject ?? ""'
_CLAIM = re.compile(r'token\.Claims\.GetValueOrDefault\("(?P<name>\w+)", ""\)(?P<spaced>\.Replace\(\',\', \' \'\))?')


def _told(text: str, context: Context) -> str:
    block = _BLOCK.fullmatch(" ".join(text.split()))
    if block is None:
        raise NotImplementedError(f"an expression that the tests cannot evaluate: {text}")
    claims = {}
    for each in re.split(r", (?=new JProperty)", block["properties"]):
        named = _PROPERTY.fullmatch(each)
        assert named, each
        claims[named["name"]] = _claimed(named["value"], context)
    return base64.urlsafe_b64encode(json.dumps(claims, separators=(",", ":")).encode()).decode().rstrip("=")


def _claimed(expression: str, context: Context) -> str:
    if expression == _SUBJECT:
        return claim(context, "sub")
    found = _CLAIM.fullmatch(expression)
    if found is None:
        raise NotImplementedError(f"an expression that the tests cannot evaluate: {expression}")
    return claim(context, found["name"]).replace(",", " " if found["spaced"] else ",")


def claim(context: Context, name: str) -> str:
    """As `Jwt.Claims` has it: of a list, the values with commas between, which is from memory."""
    if context.verified is None:
        raise NotImplementedError("a token that no policy has verified")
    found = context.verified.get(name, "")
    return ",".join(map(str, found)) if isinstance(found, list) else str(found)


def attribute(policy: Element, path: str, name: str) -> str:
    found = policy.find(path)
    assert found is not None, path
    return found.attrib[name]


def texts(policy: Element, path: str) -> list[str]:
    return [str(each.text) for each in policy.findall(path)]
