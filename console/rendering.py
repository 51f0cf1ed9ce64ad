"""Templates to HTML: whatever a template prints is text, escaped, and shows what would otherwise be invisible."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from console import wording
from console.assets import addresses
from console.site import Site
from functions.codec import moment_text
from operations.plain import plain

FOLDER = Path(__file__).parent / "templates"
REMEMBERED = 256
REMEMBERED_BYTES = 16 * 1024
"""Of each of the bodies that are remembered, so that all of them together have 4 MB at most."""


class Templates:
    """Renders a page, or one part of it, for one site."""

    def __init__(self, site: Site) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_visible,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(
            money=wording.money,
            clock_time=wording.clock_time,
            full_time=wording.full_time,
            machine_time=moment_text,
            span=wording.span,
            number=wording.number,
            anchor=wording.anchor,
            body=_body,
        )
        self._environment.globals.update(site=site, prefix=site.prefix, assets=addresses())

    def page(self, name: str, view: Mapping[str, Any]) -> str:
        return self._environment.get_template(f"{name}.html").render(view)

    def part(self, name: str, view: Mapping[str, Any]) -> str:
        return self._environment.get_template(f"parts/{name}.html").render(view)


def _body(body: bytes) -> Markup:
    """An open page shows the same bodies after each change of anything, so those of a usual size are remembered."""
    return _remembered(body) if len(body) <= REMEMBERED_BYTES else _shown(body)


@lru_cache(maxsize=REMEMBERED)
def _remembered(body: bytes) -> Markup:
    return _shown(body)


def _shown(body: bytes) -> Markup:
    """Lines stay lines; everything in them is text."""
    return Markup("\n").join(plain(line) for line in wording.body_lines(body))


def _visible(value: object) -> object:
    """Control characters and those that change the direction of text could make a line read as another one."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
