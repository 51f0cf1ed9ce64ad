"""How long each function's process takes to start, next to the bare AWS SDK, and to the same API on two frameworks.

`python -m benchmarks.cold_start [--runs N] [--write FILE]`. Every process starts from what Lambda unpacks: the packages
as they are deployed, but for this machine, in folders that bytecode is not written to. A start is over when the first
client is made and, for an API, when GET /health is answered. Seconds of one processor are the figure to compare: they
leave out what others do on the machine. The cases run in turn, so that all of them see the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from components.aws._package import LAMBDA, PROVIDED, REQUIREMENTS, ROOT, Platform, package, without
from components.aws._package_tools import Compiler, compile_in, compiler_for, install
from components.aws.function import ENTRY_POINTS, PACKAGES
from functions.entrypoints.aws.handlers import MODULES

HERE = Platform(machine=platform.machine(), python=LAMBDA.python)
SDK_CLIENT = "import botocore.session; botocore.session.Session().create_client('dynamodb')"
BARE, SDK, API, AUTHORIZER = "bare Python", "SDK client", "api", "authorize"
TARGET = 1.4
"""Of our API to the SDK's client."""

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
SERVICES: Mapping[str, str] = {
    "api": "orders",
    "relay": "publisher",
    "fulfil": "workflow",
    "project_demand": "demand",
    "notify_customer": "customer",
    "archive_events": "archive",
    "order_tasks": "orders",
    "inventory_tasks": "inventory",
    "payment_tasks": "orders",
    "delivery_tasks": "customer",
    "cleanup": "orders",
}
"""The port that a handler's first event makes a client for; the others call nothing of AWS's."""


@dataclass(frozen=True)
class Case:
    script: str
    paths: tuple[Path, ...]
    variables: Mapping[str, str] = field(default_factory=lambda: ENVIRONMENT)


@dataclass(frozen=True)
class Start:
    """Seconds: of the clock, and of one processor."""

    wall: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--write", type=Path, help="where to keep the figures, as JSON")
    options = parser.parse_args()
    compiler = compiler_for(HERE)
    if compiler is None:
        parser.error(
            f"there is no python{HERE.python} on PATH, which is what Lambda runs: install it, or add its folder"
        )
    with tempfile.TemporaryDirectory(prefix="cold-start-") as scratch:
        figures = summary(measured(cases(Path(scratch), compiler), compiler, options.runs), compiler, options.runs)
    show(figures)
    if options.write:
        options.write.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def cases(scratch: Path, compiler: Compiler) -> dict[str, Case]:
    runtime, rivals = _runtime(scratch, compiler), _rivals(scratch, compiler)
    ours = {name: _unpacked(name, scratch) for name in REQUIREMENTS}
    return {
        BARE: Case("", ()),
        SDK: Case(SDK_CLIENT, (runtime,)),
        **{handler: case_of(handler, ours[PACKAGES.get(handler, "functions")], runtime) for handler in MODULES},
        "FastAPI + Mangum": Case(f"from on_fastapi import handler\n{HEALTH}", (rivals, runtime)),
        "Powertools' resolver": Case(f"from on_powertools import handler\n{HEALTH}", (rivals, runtime)),
    }


def measured(all_cases: Mapping[str, Case], compiler: Compiler, runs: int) -> dict[str, list[Start]]:
    starts: dict[str, list[Start]] = {name: [] for name in all_cases}
    for turn in range(runs + 1):
        for name, case in all_cases.items():
            start = started(case, compiler.executable)
            if turn:  # the first turn only brings the files into memory
                starts[name].append(start)
    return starts


def summary(starts: Mapping[str, list[Start]], compiler: Compiler, runs: int) -> dict[str, object]:
    sdk = statistics.median(start.processor for start in starts[SDK])
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": compiler.version,
        "runs": runs,
        "package_bytes": {name: package(name).stat().st_size for name in REQUIREMENTS},
        "starts": {
            name: {
                "processor_seconds": _spread([start.processor for start in measured_starts]),
                "wall_seconds": _spread([start.wall for start in measured_starts]),
                "times_sdk": round(statistics.median(start.processor for start in measured_starts) / sdk, 2),
            }
            for name, measured_starts in starts.items()
        },
    }


def show(figures: Mapping[str, object]) -> None:
    starts, sizes = figures["starts"], figures["package_bytes"]
    assert isinstance(starts, dict)  # noqa: S101 -- made above
    assert isinstance(sizes, dict)  # noqa: S101
    print(f"{figures['machine']}, Python {figures['python']}, {figures['runs']} runs; seconds of one processor\n")
    for name, start in starts.items():
        spread = start["processor_seconds"]
        print(f"{name:22} min {spread['min']:.3f}  median {spread['median']:.3f}   {start['times_sdk']:.2f} x SDK")
    print()
    for name, size in sizes.items():
        print(f"package {name:14} {size:10,} bytes")
    print(f"\nthe API takes {starts[API]['times_sdk']:.2f} x the SDK's client; wanted is at most {TARGET}")


def _spread(seconds: list[float]) -> dict[str, float]:
    return {"min": round(min(seconds), 4), "median": round(statistics.median(seconds), 4)}


def case_of(handler: str, *paths: Path) -> Case:
    return Case(_start_of(handler), paths, {**ENVIRONMENT, **OWN_ISSUER} if handler == AUTHORIZER else ENVIRONMENT)


def _start_of(handler: str) -> str:
    start = f"from {ENTRY_POINTS} import {handler} as handler\n"
    if handler == AUTHORIZER:
        return start + "from functions.entrypoints.aws.authorizer import verifier\nverifier()\nimport jwt.algorithms"
    if handler not in SERVICES:
        return start
    start += f"from functions.entrypoints.aws.application import ports\nports().{SERVICES[handler]}\n"
    return start + HEALTH if handler == API else start


def started(case: Case, python: str) -> Start:
    """Raises CalledProcessError for a process that did not get as far as it should."""
    script = f"import sys; sys.path[:0] = {[str(path) for path in case.paths]}\n{case.script}"
    before, began = _processor_seconds(), time.perf_counter()
    subprocess.run(
        [python, "-I", "-S", "-B", "-c", script],
        env=dict(case.variables),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return Start(wall=time.perf_counter() - began, processor=_processor_seconds() - before)


def _processor_seconds() -> float:
    """Of all processes that have been started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
    compile_in(folder, compiler)
    return folder


def _rivals(scratch: Path, compiler: Compiler) -> Path:
    folder = scratch / "rivals"
    install((ROOT / "requirements/benchmarks.txt").read_text(encoding="utf-8"), folder, HERE)
    for source in _rival_sources():
        (folder / source.name).write_bytes(source.read_bytes())
    compile_in(folder, compiler)
    return folder


def _rival_sources() -> Iterator[Path]:
    return (ROOT / "benchmarks" / "cold_apis").glob("*.py")


if __name__ == "__main__":
    main()
