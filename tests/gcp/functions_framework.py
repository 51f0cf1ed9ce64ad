"""A function as Cloud Run runs it: under functions-framework with gunicorn, as a process of its own, on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Self

from tests.served import END_WITH_THE_TEST, held_port

START_SECONDS = 60
SERVE = f"""{END_WITH_THE_TEST}
os.dup2(int(os.environ.pop("HELD_PORT")), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
from functions_framework._cli import _cli
_cli()
"""
"""gunicorn listens at a port that it is handed as systemd hands one over: by then another process has taken none."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class RunningFunction:
    """Entered, the function `target` of `folder`/main.py answers at `url`; left, it is gone.

    It sees the folder, its variables and what is installed, and nothing of this process's own settings but PATH.
    """

    target: str
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    python: str = sys.executable

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            held = opening.enter_context(held_port())
            self.port = int(held.getsockname()[1])
            self.url = f"http://127.0.0.1:{self.port}"
            self._home = Path(opening.enter_context(TemporaryDirectory()))
            self._log = self._home / "log"
            self._process = self._started(held, opening.enter_context(self._log.open("ab")))
            opening.callback(self._end)
            held.close()
            self._wait_until_it_listens()
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def ask(self, method: str, path: str = "/", body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """`path` goes out as it is written here."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)) as connection:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, named, response.read())

    def post(self, body: bytes, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", "/", body, {"content-type": "application/json", **named})

    def logged(self) -> list[str]:
        """The lines that it has written so far."""
        return self._log.read_text(encoding="utf-8").splitlines()

    def _started(self, held: socket.socket, log: IO[bytes]) -> subprocess.Popen[bytes]:
        serve = ["--target", self.target, "--source", str(self.folder / "main.py")]
        return subprocess.Popen(
            [self.python, "-c", SERVE, *serve, "--host", "127.0.0.1", "--port", str(self.port)],
            # gunicorn keeps a socket at home, where those of other processes would be in its way.
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self._home),
                "HELD_PORT": str(held.fileno()),
                "K_SERVICE": self.target,
                **self.variables,
            },
            pass_fds=[held.fileno()],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError(f"{self.target} does not listen:\n" + "\n".join(self.logged()))

    def _end(self) -> None:
        """With the worker, which is of the same group; gunicorn would take a second to notice that it is to end."""
        with suppress(ProcessLookupError):  # it did not even start
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
