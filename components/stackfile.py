"""What a stack's file says, as it is written there. Read without Pulumi: nothing is checked, and nothing decrypted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

NAMESPACE = "orderly"
"""Whose settings they are, among those of Pulumi's own providers."""
PROJECT = Path(__file__).parents[1]


class StackFileError(Exception):
    """The file is not there, or is none; one line that says what to do."""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """`written` is what the file itself says, by block."""

    name: str
    written: Mapping[str, Any]

    @classmethod
    def read(cls, text: str, name: str) -> Self:
        return cls(name=name, written=_blocks(text))

    @classmethod
    def of(cls, name: str, project: Path = PROJECT) -> Self:
        """The stack's own, in the project's folder; raises StackFileError."""
        there = stacks(project)
        if name not in there:
            raise StackFileError(f"there is no Pulumi.{name}.yaml; STACK is one of {', '.join(there)}")
        try:
            return cls.read((project / f"Pulumi.{name}.yaml").read_text(encoding="utf-8"), name)
        except OSError as error:
            raise StackFileError(f"Pulumi.{name}.yaml cannot be read ({error.strerror}): check its rights") from None
        except (yaml.YAMLError, AttributeError, ValueError) as error:
            finding = " ".join(str(error).split())
            raise StackFileError(f"Pulumi.{name}.yaml is no stack file ({finding}): mend it") from None

    @property
    def target(self) -> str | None:
        """Its own, in the file."""
        return self.written.get("target")


def stacks(project: Path = PROJECT) -> list[str]:
    """The names of those that have a file."""
    return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in project.glob("Pulumi.*.yaml"))


def block(written: object) -> object:
    """A block may be written as JSON, and Pulumi hands each over so; whatever is not an object stays as it is."""
    if not isinstance(written, str):
        return written
    try:
        value = json.loads(written)
    except ValueError:
        return written
    return value if isinstance(value, dict | list) else written


def _blocks(text: str) -> Mapping[str, Any]:
    config: Mapping[str, Any] = (yaml.safe_load(text) or {}).get("config") or {}
    return {key.partition(":")[2]: block(value) for key, value in config.items() if key.startswith(f"{NAMESPACE}:")}
