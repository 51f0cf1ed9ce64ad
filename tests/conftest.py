"""What every run of the tests needs: libraries that can share a process, and tests that can share the cores.

Pulumi and Google's libraries both bring google.rpc.Status, each in a file of its own, and protobuf takes one of them in
a process. Nothing but the tests loads both: here they share Google's.
"""

from __future__ import annotations

import sys
from collections.abc import Generator

import pytest
from google.rpc import status_pb2  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.azure.worker import HAS_CORE

sys.modules.setdefault("pulumi.runtime.proto.status_pb2", status_pb2)

SHARE_A_SYSTEM = ("tests/e2e/aws/", "tests/e2e/gcp/", "tests/e2e/azure/")
"""Folders whose tests need one of few systems, each of which takes longer to deploy than any test."""
SHARE_AN_ENGINE = ("tests/conformance/saga/test_generated.py", "tests/conformance/saga/test_order_saga.py")
"""Files whose tests run for minutes on each engine. Those of the rules stay together: they tell of all engines."""


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    return Scheduling(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """It is not the same proof everywhere; and what a test prints in a process of its own is not seen."""
    by = "Microsoft's worker core" if HAS_CORE else "the SDK alone: there is no Python 3.13 for the core"
    terminalreporter.write_line(f"Where apps of Azure were run, they were indexed and invoked by {by}.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a process has captured travels to the others' as UTF-8, which has no half of a surrogate pair."""
    report = yield
    report.sections = [(name, content.encode(errors="backslashreplace").decode()) for name, content in report.sections]
    return report


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """`make test` has a process for each core: what shares something that takes long to make stays in one of them."""

    def _split_scope(self, nodeid: str) -> str:
        """A file's tests stay together, and those of a folder or a file above by the system or engine: it comes first
        among their parameters.
        """
        file, _, test = nodeid.partition("::")
        first_parameter = test.partition("[")[2].rstrip("]").partition("-")[0]
        for folder in SHARE_A_SYSTEM:
            if file.startswith(folder):
                return f"{folder}{first_parameter}"
        return f"{file}{first_parameter}" if file in SHARE_AN_ENGINE else file
