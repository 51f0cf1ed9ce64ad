"""That what is measured starts: a case that nothing runs breaks unseen when a function asks for one variable more."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.cold_start import __main__, aws, gcp
from benchmarks.cold_start.measuring import Case, Start, started, summary
from components.aws._package import ROOT
from components.aws._package_tools import Compiler
from functions.entrypoints.aws.handlers import MODULES as ON_AWS
from functions.entrypoints.gcp.handlers import MODULES as ON_GCP

HERE = Path(sysconfig.get_path("purelib"))
THIS = Compiler(executable=sys.executable, version="this one")
FAILS = Case(script="raise SystemExit(1)")
SERVER = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({status})
        self.end_headers()
HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive for Google Cloud, as its image has it."""
    return gcp.built(gcp.unpacked(tmp_path_factory.mktemp("gcp")), THIS)


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return gcp.environment(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("handler", ON_AWS)
def test_each_function_gets_as_far_as_its_first_client_on_aws(handler: str) -> None:
    assert started(aws.case_of(handler, ROOT, HERE), sys.executable).processor > 0


@pytest.mark.parametrize("handler", ON_GCP)
def test_each_function_gets_as_far_as_its_first_client_on_gcp(
    handler: str, ours: Path, variables: Mapping[str, str]
) -> None:
    assert started(gcp.case_of(handler, variables, ours, HERE), sys.executable).processor > 0


def test_the_api_on_gcp_answers_with_all_that_stands_around_it(ours: Path, variables: Mapping[str, str]) -> None:
    assert started(gcp.served(ours / "main.py", variables, ours, HERE), sys.executable).processor > 0


def test_the_bare_client_on_gcp_is_made(variables: Mapping[str, str]) -> None:
    bare = Case(script=gcp.FIRESTORE_CLIENT, paths=[HERE], variables=variables)
    assert started(bare, sys.executable).processor > 0


@pytest.mark.parametrize(
    "case", [FAILS, Case(script="", serves="/health"), Case(script=SERVER.format(status=503), serves="/health")]
)
def test_a_process_that_does_not_get_there_is_not_measured(case: Case) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        started(case, sys.executable)


def test_starts_are_compared_with_the_sdks_by_median_and_by_least() -> None:
    def starts(*processor: float) -> list[Start]:
        return [Start(wall=9.0, processor=each) for each in processor]

    found = summary(gcp.TARGET, {gcp.SDK: starts(1.0, 2.0, 3.0), gcp.API: starts(2.0, 3.0, 9.0)}, THIS, runs=3)
    told = json.loads(json.dumps(found))
    assert told["starts"][gcp.API]["times_sdk"] == {"min": 2.0, "median": 1.5}
    assert told["package_bytes"]["source"] > 0


def test_a_target_that_there_is_none_of_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        __main__.main(["azure"])
    assert "there is no target azure, only aws and gcp" in capsys.readouterr().err
