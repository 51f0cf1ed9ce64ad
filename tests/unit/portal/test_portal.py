"""What a deployment tells: failures in the words of whoever refused, outputs without their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi.automation import OutputValue
from pulumi.automation._cmd import CommandResult
from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from portal.deployment import Workspace
from portal.errors import DeploymentError
from portal.results import MASK, masked


def failed(stderr: str = "") -> CommandError:
    return CommandError(CommandResult(stdout="", stderr=stderr, code=255))


@pytest.mark.parametrize(
    ("diagnostics", "told"),
    [
        (["<{%fg 1%}>error: <{%reset%}>port 8080 is taken", "update failed"], "port 8080 is taken"),
        (["orderly:stage: missing", "orderly:stage: missing"], "orderly:stage: missing"),
        (
            ["python inline source runtime error: no such queue\nTraceback (most recent call last):\n  x"],
            "no such queue",
        ),
        (["first problem", "second problem"], "first problem\nsecond problem"),
    ],
)
def test_a_failure_is_told_once_and_without_a_traceback(diagnostics: list[str], told: str) -> None:
    assert str(DeploymentError.of(failed("error: update failed"), "test", diagnostics)) == told


def test_what_the_cli_itself_refuses_is_told_too() -> None:
    error = DeploymentError.of(failed("error: incorrect passphrase"), "test", [])
    assert error.problems == ("incorrect passphrase",)


def test_a_locked_stack_is_told_with_the_way_out() -> None:
    result = CommandResult(stdout="", stderr="the stack is currently locked by 1 lock(s)", code=255)
    assert "pulumi cancel test" in str(DeploymentError.of(ConcurrentUpdateError(result), "test", []))


def test_secrets_are_masked_unless_they_are_to_be_revealed() -> None:
    outputs = {"url": OutputValue("http://here", secret=False), "key": OutputValue("hidden", secret=True)}
    assert masked(outputs, reveal=False) == {"url": "http://here", "key": MASK}
    assert masked(outputs, reveal=True)["key"] == "hidden"


def test_a_workspace_never_shows_its_passphrase(tmp_path: Path) -> None:
    assert "hidden" not in repr(Workspace(state="file://x", passphrase="hidden", folder=tmp_path))  # noqa: S106
