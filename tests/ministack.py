"""ministack: AWS on this machine, as a process of its own, and the clients that reach it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from botocore.config import Config
from botocore.session import Session

from functions.adapters.aws.clients import AwsClient, Clients
from tests.conformance.saga.installed import ENGINES, require
from tests.served import END_WITH_THE_TEST, free_port

PYTHON = ENGINES / "ministack" / "bin" / "python"
ACCOUNT, REGION = "000000000000", "us-east-1"
START_SECONDS = 60
PATIENT = Config(read_timeout=START_SECONDS, retries={"total_max_attempts": 1})
"""A busy machine answers late, and what is asked a second time is not always harmless: a table is there already."""
SERVE = f"{END_WITH_THE_TEST}from ministack import app\napp.main()\n"


class LoopbackSession(Session):
    """A session whose clients go to one address, whatever the machine is configured for."""

    def __init__(self, address: str, *, key: str = "test", secret: str = "test", token: str | None = None) -> None:  # noqa: S107
        super().__init__()
        self._address = address
        self.set_credentials(key, secret, token)

    def create_client(self, service_name: str, **arguments: Any) -> AwsClient:  # type: ignore[override]  # noqa: ANN401
        return super().create_client(
            service_name,
            region_name=REGION,
            endpoint_url=f"http://{self._address}",
            **{**arguments, "config": arguments.get("config", Config()).merge(PATIENT)},
        )


class Ministack:
    """Entered, it runs on a free port of this machine alone; left, it and its functions are gone.

    `program` is what the interpreter of ministack's environment runs; `variables` are ministack's, AUTH=true for one.
    """

    def __init__(
        self, program: Sequence[str | Path] = ("-c", SERVE), variables: Mapping[str, str] | None = None
    ) -> None:
        self._program = program
        self._variables = variables or {}

    def __enter__(self) -> Self:
        require(PYTHON)
        self.address = f"127.0.0.1:{free_port()}"
        with ExitStack() as opening:
            self.server = self._started(opening.enter_context(TemporaryDirectory()))
            opening.callback(self._end)
            self._wait_until_it_answers()
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    @cached_property
    def clients(self) -> Clients:
        """The account's own, which may do everything."""
        return Clients(LoopbackSession(self.address))

    @cached_property
    def streams(self) -> AwsClient:
        return self.clients.session.create_client("dynamodbstreams")

    @cached_property
    def iam(self) -> AwsClient:
        return self.clients.session.create_client("iam")

    def _started(self, folder: str) -> subprocess.Popen[str]:
        host, port = self.address.split(":")
        environment = {
            "BIND_HOST": host,
            "GATEWAY_PORT": port,
            "AWS_ENDPOINT_URL": f"http://{self.address}",
            "TMPDIR": folder,
            "LAMBDA_WARM_TTL_SECONDS": "86400",
            "LOG_LEVEL": "CRITICAL",
            **self._variables,
        }
        return subprocess.Popen(
            [PYTHON, *self._program],
            env={**os.environ, **environment},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def _end(self) -> None:
        """Functions are of ministack's process group, and outlive it unless they are ended as well."""
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.communicate()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.server.poll() is None:
            if self._is_healthy():
                return
            time.sleep(0.02)
        raise TimeoutError(f"ministack did not start within {START_SECONDS} s, or ended with {self.server.poll()}")

    def _is_healthy(self) -> bool:
        try:
            with closing(HTTPConnection(self.address, timeout=START_SECONDS)) as connection:
                connection.request("GET", "/_ministack/health")
                return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
