"""asl-validator, which knows the language that Step Functions accepts, as a service of one node process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType

from tests.conformance.saga.installed import ENGINES, require

ROOT = Path(__file__).parents[3]
INSTALLED = ENGINES / "asl"
SCRIPT = ROOT / "tools" / "asl" / "validate.js"


class AslValidator:
    """Entered, it runs node; left, it has ended it."""

    def __enter__(self) -> AslValidator:
        require(INSTALLED / "node_modules")
        self._node = subprocess.Popen(
            ["node", SCRIPT], cwd=INSTALLED, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._node.communicate()

    def errors(self, definition: str) -> list[str]:
        """What is wrong with the definition; nothing if it is valid."""
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(json.dumps(json.loads(definition)) + "\n")
        self._node.stdin.flush()
        errors = json.loads(self._node.stdout.readline())
        assert isinstance(errors, list)
        return errors
