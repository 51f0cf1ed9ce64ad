"""An order system deployed by a program: what `pulumi up` does with a stack file, for a validated configuration.

Needs the `pulumi` CLI on PATH (`make env` prints how to have it). Two deployments of the same stack at once are refused
by the state's own lock; different stacks may be deployed side by side.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pulumi
from pulumi import automation
from pulumi.automation.errors import CommandError
from pulumi.automation.events import EngineEvent

from components.config import OrderSystemConfig
from components.system import OrderSystem
from portal.errors import DeploymentError
from portal.program import InlineProgram
from portal.results import Preview, Summary, Update, Watcher, masked

Done = TypeVar("Done")
OnEvent = Callable[[EngineEvent], None]
ROOT = Path(__file__).resolve().parents[1]
PROJECT = "orderly"
"""As in Pulumi.yaml, so that a stack deployed here and one deployed by `pulumi up` are the same one."""
PROJECT_FILE = {
    "name": PROJECT,
    "runtime": "python",
    "plugins": {
        "providers": [
            {"name": "local", "path": str(ROOT / "local_provider")},
            {"name": "azurepublisher", "path": str(ROOT / "azure_publisher")},
        ]
    },
}


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Where the state is kept (a Pulumi backend's URL), what its secrets are encrypted with, and a folder to work in.

    The folder is kept between operations: it holds the salt that goes with the passphrase.
    """

    state: str
    passphrase: str = field(repr=False)
    folder: Path


class Deployment:
    """One stack of the order system. Every operation raises DeploymentError when it fails."""

    def __init__(self, config: OrderSystemConfig, stack: str, *, workspace: Workspace) -> None:
        logging.getLogger("grpc._server").addFilter(_is_told)
        self._config = config
        self._name = stack
        self._workspace = workspace
        self._program = InlineProgram(self._declare)
        self._opened: automation.Stack | None = None

    def preview(self, on_event: OnEvent | None = None) -> Preview:
        """What `up` would do; nothing is changed, but a stack that is not there yet is made, empty."""
        watcher, _ = self._watched(lambda stack, see: stack.preview(on_event=see), on_event, make=True)
        return Preview(**watcher.summary())

    def up(self, on_event: OnEvent | None = None) -> Update:
        """Make the system as configured; interrupted or failed, it can be run again."""
        watcher, done = self._watched(lambda stack, see: stack.up(on_event=see), on_event, make=True)
        return Update(**watcher.summary(), outputs=masked(done.outputs, reveal=False))

    def refresh(self, on_event: OnEvent | None = None) -> Summary:
        """Make the state say what is really there; the next `up` mends what differs."""
        watcher, _ = self._watched(lambda stack, see: stack.refresh(on_event=see), on_event)
        return Summary(**watcher.summary())

    def destroy(self, on_event: OnEvent | None = None) -> Summary:
        """Remove everything that is not retained, or nothing while Pulumi protects any of it; the empty stack stays.

        What a cloud alone protects stops it on the way: run it again once that is taken away.
        """
        # The SDK destroys without a preview, which alone tells of what is protected before anything is gone.
        self._watched(lambda stack, see: stack.preview_destroy(on_event=see), on_event=None)
        watcher, _ = self._watched(lambda stack, see: stack.destroy(on_event=see), on_event)
        return Summary(**watcher.summary())

    def outputs(self, *, reveal: bool = False) -> Mapping[str, Any]:
        """What the stack exports; secrets as `[secret]` unless they are to be revealed."""
        return masked(self._attempt(lambda: self._stack(make=False).outputs(), Watcher()), reveal=reveal)

    def _watched(
        self,
        operation: Callable[[automation.Stack, OnEvent], Done],
        on_event: OnEvent | None,
        *,
        make: bool = False,
    ) -> tuple[Watcher, Done]:
        watcher = Watcher()

        def see(event: EngineEvent) -> None:
            watcher.see(event)
            if on_event:
                on_event(event)

        return watcher, self._attempt(lambda: operation(self._stack(make=make), see), watcher)

    def _attempt(self, operation: Callable[[], Done], watcher: Watcher) -> Done:
        try:
            return operation()
        except CommandError as error:
            raise DeploymentError.of(error, self._name, watcher.problems) from None
        finally:
            self._program.end()

    def _stack(self, *, make: bool) -> automation.Stack:
        if self._opened is None:
            self._opened = self._open(automation.create_or_select_stack if make else automation.select_stack)
        return self._opened

    def _open(self, by: Callable[..., automation.Stack]) -> automation.Stack:
        folder = self._workspace.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # JSON is YAML too; the SDK's ProjectSettings would drop `plugins`
        (folder / "Pulumi.yaml").write_text(json.dumps(PROJECT_FILE, indent=2), encoding="utf-8")
        return by(
            self._name,
            project_name=PROJECT,
            program=self._program,
            opts=automation.LocalWorkspaceOptions(
                work_dir=str(folder),
                secrets_provider="passphrase",
                env_vars=self._variables(),
                pulumi_command=_command(),
            ),
        )

    def _variables(self) -> dict[str, str]:
        """The passphrase goes through the CLI's environment: it is in no argument, and no function inherits it."""
        return {
            "PULUMI_BACKEND_URL": self._workspace.state,
            "PULUMI_CONFIG_PASSPHRASE": self._workspace.passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "ORDERLY_PYTHON": sys.executable,
        }

    def _declare(self) -> None:
        """What __main__.py does, with the configuration at hand."""
        for name, value in OrderSystem(PROJECT, config=self._config).outputs.items():
            pulumi.export(name, value)


def _is_told(record: logging.LogRecord) -> bool:
    """After a failure the SDK's server, in a thread of its own, still tries to tell the engine, which has gone."""
    return (
        not record.getMessage().startswith("Exception calling application") or "UNAVAILABLE" not in record.getMessage()
    )


def _command() -> automation.PulumiCommand:
    try:
        return automation.PulumiCommand()
    except FileNotFoundError:
        raise DeploymentError(['there is no pulumi on PATH: run eval "$(make -s env)", or install the CLI']) from None
    except automation.InvalidVersionError as error:
        raise DeploymentError([str(error)]) from None
