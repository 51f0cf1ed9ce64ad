"""ministack as the driver runs it, and the few calls of the AWS API that the driver makes."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests import ministack
from tests.ministack import ACCOUNT, PYTHON, REGION, START_SECONDS

HERE = Path(__file__).parent


class ApiError(Exception):
    """What the API refused, by its name."""


class ExecutionAlreadyExists(ApiError):  # noqa: N818 -- the API's name
    """There is a run under this id."""


class Ministack(ministack.Ministack):
    """Levelled, for the driver: see _ministack_levelled.py."""

    def __init__(self) -> None:
        super().__init__([HERE / "_ministack_levelled.py"])

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
        assert self.server.stdin
        self.server.stdin.write(f"{key} {attempt}\n")
        self.server.stdin.flush()

    def _call(self, path: str, body: object, headers: dict[str, str]) -> dict[str, Any]:
        with closing(HTTPConnection(self.address, timeout=START_SECONDS)) as connection:
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
