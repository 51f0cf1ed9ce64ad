"""IAM and Lambda. A function runs as a custom runtime in an interpreter that is here: the one substitution."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from components.aws._package import package
from tests.aws.this_machine import HERE
from tests.e2e.aws.cloud.making import Maker, Making, sent
from tests.ministack import PYTHON

RUNTIME = "provided.al2023"
"""ministack runs a declared Python in its own process, and would lose the names of errors."""
BOOTSTRAP = f'#!/bin/sh\ncd "$LAMBDA_TASK_ROOT" && exec {PYTHON} -m awslambdaric "$_HANDLER"\n'
EXECUTABLE = 0o100755
_one_at_a_time = Lock()


def _function(making: Making) -> Mapping[str, Any]:
    code = _code_for_here(Path(making.asked.files["code"]))
    made = making.send(Code={"ZipFile": code}, Runtime=RUNTIME)
    return {
        "version": made["Version"],
        "qualifiedArn": f"{_unqualified(made)}:{made['Version']}",
        "sourceCodeSize": made["CodeSize"],
    }


def _unqualified(made: Mapping[str, Any]) -> str:
    return ":".join(made["FunctionArn"].split(":")[:7])


def _code_for_here(built: Path) -> bytes:
    """The same package, built for this machine instead of Lambda's, and what starts it."""
    with _one_at_a_time:
        here = package(built.name.partition("-")[0], platform=HERE)
    buffer = io.BytesIO(here.read_bytes())
    with zipfile.ZipFile(buffer, "a") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = EXECUTABLE << 16
        archive.writestr(entry, BOOTSTRAP)
    return buffer.getvalue()


def _permission(making: Making) -> Mapping[str, Any]:
    making.send(StatementId=making.asked.name)
    return {"id": making.asked.name, "statementId": making.asked.name}


def _mapping(making: Making) -> Mapping[str, Any]:
    made = making.send()
    return {"id": made["UUID"], "uuid": made["UUID"]}


def _policy(making: Making) -> Mapping[str, Any]:
    arn = making.send()["Policy"]["Arn"]
    return {"id": arn, "arn": arn}


MAKERS: Mapping[str, Maker] = {
    "aws:iam/role:Role": sent,
    "aws:iam/rolePolicy:RolePolicy": sent,
    "aws:iam/policy:Policy": _policy,
    "aws:lambda/function:Function": _function,
    "aws:lambda/alias:Alias": sent,
    "aws:lambda/eventSourceMapping:EventSourceMapping": _mapping,
    "aws:lambda/permission:Permission": _permission,
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": sent,
}
