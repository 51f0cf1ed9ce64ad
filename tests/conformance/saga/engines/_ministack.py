"""ministack: its process, and the few calls of the AWS API that the driver makes."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import socket
import subprocess
import time
import zipfile
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from tests.conformance.saga.installed import ENGINES, require

HERE = Path(__file__).parent
PYTHON = ENGINES / "ministack" / "bin" / "python"
ACCOUNT, REGION = "000000000000", "us-east-1"
START_SECONDS = 60


class ApiError(Exception):
    """What the API refused, by its name."""


class ExecutionAlreadyExists(ApiError):  # noqa: N818 -- the API's name
    """There is a run under this id."""


class Ministack:
    """Entered, it runs on a free port of this machine alone; left, it and its functions are gone."""

    def __enter__(self) -> Ministack:
        require(PYTHON)
        self._address = f"127.0.0.1:{_free_port()}"
        with ExitStack() as opening:
            self._server = self._started(opening.enter_context(TemporaryDirectory()))
            opening.callback(self._end)
            self._wait_until_it_answers()
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def states(self, action: str, **parameters: object) -> dict[str, Any]:
        """An action of the API of Step Functions; raises ApiError."""
        headers = {"X-Amz-Target": f"AWSStepFunctions.{action}", "Content-Type": "application/x-amz-json-1.0"}
        return self._call("/", parameters, _signed("states") | headers)

    def deploy(self, name: str, environment: dict[str, str]) -> str:
        """Creates the function of _lambda and gives its ARN.

        It runs under awslambdaric in the interpreter of ministack's environment. The runtime that ministack has of its
        own loses the names of errors.
        """
        function = {
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Handler": "task.handler",
            "Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "Timeout": 60,
            "Environment": {"Variables": {"PYTHON": str(PYTHON), **environment}},
            "Code": {"ZipFile": base64.b64encode(_zipped(HERE / "_lambda")).decode()},
        }
        return str(self._call("/2015-03-31/functions", function, _signed("lambda"))["FunctionArn"])

    def invoke(self, name: str, event: object) -> dict[str, Any]:
        return self._call(f"/2015-03-31/functions/{name}/invocations", event, _signed("lambda"))

    def answer_is_late(self, key: str, attempt: int) -> None:
        """For the engine, the time of this attempt is over."""
        assert self._server.stdin
        self._server.stdin.write(f"{key} {attempt}\n")
        self._server.stdin.flush()

    def _started(self, folder: str) -> subprocess.Popen[str]:
        host, port = self._address.split(":")
        environment = {
            "BIND_HOST": host,
            "GATEWAY_PORT": port,
            "AWS_ENDPOINT_URL": f"http://{self._address}",
            "TMPDIR": folder,
            "LAMBDA_WARM_TTL_SECONDS": "86400",
            "LOG_LEVEL": "CRITICAL",
        }
        return subprocess.Popen(
            [PYTHON, HERE / "_ministack_levelled.py"],
            env={**os.environ, **environment},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def _end(self) -> None:
        """Functions are of ministack's process group, and outlive it unless they are ended as well."""
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.communicate()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._server.poll() is None:
            try:
                self.states("ListStateMachines")
                return
            except OSError:
                time.sleep(0.02)
        raise TimeoutError(f"ministack did not start within {START_SECONDS} s, or ended with {self._server.poll()}")

    def _call(self, path: str, body: object, headers: dict[str, str]) -> dict[str, Any]:
        with closing(HTTPConnection(self._address, timeout=START_SECONDS)) as connection:
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            answer = json.loads(response.read() or "{}")
        if response.status >= 400:
            refused = (
                ExecutionAlreadyExists if answer.get("__type", "").endswith("ExecutionAlreadyExists") else ApiError
            )
            raise refused(f"{response.status}: {answer}")
        return dict(answer)


def _signed(service: str) -> dict[str, str]:
    """ministack reads the service from the signature, and does not check it."""
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/{REGION}/{service}/aws4_request"}


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.iterdir()):
            if path.is_file():
                archive.write(path, path.name)
    return buffer.getvalue()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
