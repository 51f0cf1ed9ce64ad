"""What one cloud's provider knows of its types, and the provider that all clouds share does not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.engine.simulated.cloud import Asked, Found

TypeToken: TypeAlias = str
Part: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What it refuses, computes and answers to a question is the speaker's in tests.registration."""

    package: str
    """The first word of its type tokens."""
    version: str
    immutable: Callable[[TypeToken], frozenset[str]]
    """The inputs whose change makes another resource."""
    deletes_first: Callable[[TypeToken, Collection[str]], bool]
    """Whether the old one goes before its replacement is made, by what has changed."""
    computed_names: Callable[[TypeToken], Collection[str]]
    """What is computed where it is not given: leaving such an input out is no change."""
    computed_within: Mapping[TypeToken, Mapping[str, Collection[str]]] = field(default_factory=dict)
    """By type and input, which parts of what is given are computed all the same."""
    read_back: Mapping[TypeToken, Mapping[str, Part]] = field(default_factory=dict)
    """By type and input whose output has another shape, how what was given is read off either."""
    computed_anew: Mapping[TypeToken, Collection[str]] = field(default_factory=dict)
    """What an update computes anew, so that a preview cannot know it."""
    added: Callable[[Asked, Found], Mapping[str, Any]]
    """What the provider itself adds to the outputs, as its default tags."""
