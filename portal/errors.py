"""Why an operation on a deployment failed, in the words of whoever refused it and without a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pulumi.automation.errors import CommandError, ConcurrentUpdateError

COLOUR = re.compile(r"<\{%.*?%\}>")
INLINE = "python inline source runtime error: "
SAYS_NOTHING = frozenset({"", "update failed", "preview failed", "an unhandled error occurred"})


class DeploymentError(Exception):
    """The operation failed; `problems` has a text for each thing that was wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    @classmethod
    def of(cls, error: CommandError, stack: str, diagnostics: Iterable[str]) -> DeploymentError:
        if isinstance(error, ConcurrentUpdateError):
            return cls(
                [f"another operation on {stack} is under way: wait for it, or end it with `pulumi cancel {stack}`"]
            )
        told = list(dict.fromkeys(filter(None, map(_readable, diagnostics))))
        return cls(told or list(dict.fromkeys(_errors(str(error)))) or [str(error)])


def _readable(diagnostic: str) -> str:
    """The message alone: no colours, no `error:` before it, no traceback after it."""
    text = COLOUR.sub("", diagnostic).strip().removeprefix("error: ").strip()
    if text.startswith(INLINE):
        text = text.removeprefix(INLINE).partition("\nTraceback")[0].strip()
    return "" if text in SAYS_NOTHING else text


def _errors(output: str) -> Iterator[str]:
    """What the CLI itself said, when it did not come as far as running an operation."""
    for line in output.splitlines():
        _, found, text = line.partition("error: ")
        if found and _readable(text):
            yield _readable(text)
