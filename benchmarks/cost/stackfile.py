"""What a stack's file says of what is priced, and whether it says it or leaves it to what is so by default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components import stackfile
from components.config import STAGE_OF_STACK, OrderSystemConfig

HOLD_SECRETS = ("payments", "notification")
"""Encrypted in the file, so they are not read. Nothing that is priced depends on what is in them."""

SOME_ISSUER: Mapping[str, str] = {
    "issuer": "https://issuer.example/",
    "audience": "orders",
    "keys_url": "https://issuer.example/keys",
}
"""For a cloud that has none of its own, where the file need not name one. It costs nothing there."""


class StackFile(stackfile.StackFile):
    """Its secrets aside, as a configuration."""

    @property
    def secret_blocks(self) -> tuple[str, ...]:
        """Those that there are of the blocks with a secret, each of which holds one."""
        return tuple(block for block in HOLD_SECRETS if self.written.get(block))

    def config(self, **instead: object) -> OrderSystemConfig:
        """As `pulumi up` would read it, with some blocks in the place of its own; raises ConfigError."""
        stage = {"stage": STAGE_OF_STACK[self.name]} if self.name in STAGE_OF_STACK else {}
        readable = {block: value for block, value in self.written.items() if block not in HOLD_SECRETS}
        return OrderSystemConfig.parse({**stage, **readable, **instead})

    def block(self, name: str, **otherwise: object) -> object:
        """One of a target's own blocks, with what it has to have and a file for another target does not say."""
        own = self.written.get(name) or {}
        return {**otherwise, **own} if isinstance(own, Mapping) else own

    def told(self, stage: str, settings: Mapping[str, object]) -> Iterator[tuple[str, object, str]]:
        """The stage and each setting: its name, its value, and who says so."""
        yield "stage", stage, self._who_says("stage", otherwise="by the stack's name")
        for setting, value in settings.items():
            yield setting, value, self._who_says(setting, otherwise="by default")

    def _who_says(self, setting: str, *, otherwise: str) -> str:
        found: Any = self.written
        for part in setting.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return otherwise if found is None else "as written"
