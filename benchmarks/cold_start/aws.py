"""What is started on AWS: each handler from its unpacked zip, the bare SDK, and the same API on two frameworks.

A start is over when the first client is made and, for an API, when GET /health is answered.
"""

from __future__ import annotations

import platform
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cold_start.handlers import PORTS
from benchmarks.cold_start.installing import rivals
from benchmarks.cold_start.measuring import Case, Target
from components.aws._package import LAMBDA, PROVIDED, REQUIREMENTS, package, without
from components.aws.function import ENTRY_POINTS, PACKAGES
from components.packing import ROOT
from components.wheels import Compiler, Platform, compile_in, install
from functions.entrypoints.aws.handlers import MODULES

HERE = Platform(machine=platform.machine(), python=LAMBDA.python)
SDK_CLIENT = "import botocore.session; botocore.session.Session().create_client('dynamodb')"
BARE, SDK, API, AUTHORIZER = "bare Python", "SDK client", "api", "authorize"

ENVIRONMENT: Mapping[str, str] = {
    "AWS_LAMBDA_FUNCTION_NAME": "orders",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "LAMBDA_TASK_ROOT": "/var/task",
    "_X_AMZN_TRACE_ID": "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=0",
    "ORDERLY_BUCKET": "archive",
    "ORDERLY_CURRENCIES": "EUR",
    "ORDERLY_DATABASE": "orders",
    "ORDERLY_EVENT_BUS": "orders",
    "ORDERLY_EXPIRE_AFTER_HOURS": "48",
    "ORDERLY_IDEMPOTENCY_HOURS": "24",
    "ORDERLY_MAX_TOTAL_MINOR": "1000000",
    "ORDERLY_SANDBOX_STOCK": "100",
    "ORDERLY_TENANT_ROLE": "arn:aws:iam::123456789012:role/orders-tenant",
    "ORDERLY_WORKFLOW": "arn:aws:states:eu-west-1:123456789012:stateMachine:order",
    "ORDERLY_WORKFLOW_KIND": "standard",
}
OWN_ISSUER: Mapping[str, str] = {
    "ORDERLY_TOKEN_AUDIENCE": "orders",
    "ORDERLY_TOKEN_ISSUER": "https://issuer.example",
    "ORDERLY_TOKEN_KEYS": "https://issuer.example/keys",
}
"""What the authorizer has; the API would verify tokens itself."""
HEALTH = """
class Context:
    function_name = "orders"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live"
    aws_request_id = "request-1"
event = {
    "version": "2.0", "routeKey": "$default", "rawPath": "/health", "rawQueryString": "", "headers": {},
    "requestContext": {"http": {"method": "GET", "path": "/health", "sourceIp": "192.0.2.1"}, "stage": "$default"},
    "isBase64Encoded": False,
}
answer = handler(event, Context())
assert answer["statusCode"] == 200, answer
"""


@contextmanager
def cases(scratch: Path, compiler: Compiler) -> Iterator[Mapping[str, Case]]:
    runtime = _runtime(scratch, compiler)
    frameworks = rivals(scratch, HERE, compiler)
    ours = {name: _unpacked(name, scratch) for name in REQUIREMENTS}
    yield {
        BARE: Case(script="", variables=ENVIRONMENT),
        SDK: Case(script=SDK_CLIENT, paths=[runtime], variables=ENVIRONMENT),
        **{handler: case_of(handler, ours[PACKAGES.get(handler, "functions")], runtime) for handler in MODULES},
        "FastAPI + Mangum": _rival("on_fastapi", frameworks, runtime),
        "Powertools' resolver": _rival("on_powertools", frameworks, runtime),
    }


def case_of(handler: str, *paths: Path) -> Case:
    variables = {**ENVIRONMENT, **OWN_ISSUER} if handler == AUTHORIZER else ENVIRONMENT
    return Case(script=_start_of(handler), paths=paths, variables=variables)


def _start_of(handler: str) -> str:
    start = f"from {ENTRY_POINTS} import {handler} as handler\n"
    if handler == AUTHORIZER:
        return start + "from functions.entrypoints.aws.authorizer import verifier\nverifier()\nimport jwt.algorithms"
    if handler not in PORTS:
        return start
    start += f"from functions.entrypoints.aws.application import ports\nports().{PORTS[handler]}\n"
    return start + HEALTH if handler == API else start


def _rival(module: str, *paths: Path) -> Case:
    return Case(script=f"from {module} import handler\n{HEALTH}", paths=paths, variables=ENVIRONMENT)


def _unpacked(name: str, scratch: Path) -> Path:
    with zipfile.ZipFile(package(name, platform=HERE)) as archive:
        archive.extractall(scratch / name)
    return scratch / name


def _runtime(scratch: Path, compiler: Compiler) -> Path:
    """What Lambda's Python has of its own: the SDK below boto3, compiled."""
    locked = (ROOT / REQUIREMENTS["functions"]).read_text(encoding="utf-8")
    pinned = {line.partition("==")[0] for line in locked.splitlines() if "==" in line}
    folder = scratch / "runtime"
    install(without(locked, pinned - PROVIDED - {"urllib3"}), folder, HERE)
    compile_in(folder, compiler, runs_in=str(folder))
    return folder


TARGET = Target(
    name="aws",
    python=LAMBDA.python,
    sdk=SDK,
    compared=API,
    cases=cases,
    package_bytes=lambda: {name: package(name).stat().st_size for name in REQUIREMENTS},
)
