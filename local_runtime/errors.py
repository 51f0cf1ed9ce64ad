"""What the run time refuses, each as one line that says what to do next."""

from __future__ import annotations

from local_runtime.client import NotKeptError


class RunTimeError(Exception):
    """The run time cannot do what it was asked; its text is meant for the person who asked."""

    exit_code = 2


class StoreError(RunTimeError):
    """The database cannot be used, or a change did not reach the disk."""


class UnwritableError(StoreError, NotKeptError):
    """Nothing of the change happened; the same one may succeed once there is room on the disk."""


class StoreClosedError(UnwritableError):
    """The run time is stopping."""

    def __init__(self) -> None:
        super().__init__("the run time is stopping: try again once it is up")


class DeclarationsError(RunTimeError):
    """What was declared contradicts itself; `problems` has one line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PortTakenError(RunTimeError):
    exit_code = 3

    def __init__(self, port: int) -> None:
        super().__init__(
            f"port {port} of 127.0.0.1 is taken by another program: stop that, or choose another port with "
            "`pulumi config set --path orderly:local.port PORT` (0: any free one)"
        )


class AlreadyRunningError(RunTimeError):
    exit_code = 4
