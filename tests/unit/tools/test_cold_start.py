"""That what is measured starts: a case that nothing runs breaks unseen when a function asks for one variable more."""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cold_start import __main__, aws, azure, gcp
from benchmarks.cold_start.installing import APIS
from benchmarks.cold_start.measuring import Case, FailedStartError, Start, show, started, summary
from benchmarks.cold_start.serving import UnansweredError
from components.azure._package import ENTRY_POINT
from components.gcp.function import RUNTIME
from components.packing import ROOT
from components.wheels import Compiler
from functions.entrypoints.aws.handlers import MODULES as ON_AWS
from functions.entrypoints.azure.handlers import MODULES as ON_AZURE
from functions.entrypoints.gcp.handlers import MODULES as ON_GCP
from tests.azure.worker import CORE, HAS_CORE

HERE = Path(sysconfig.get_path("purelib"))
THIS = Compiler(executable=sys.executable, version="this one")
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


@pytest.fixture(scope="module")
def on_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The variables, while somebody answers whom they name."""
    with azure.answering(tmp_path_factory.mktemp("azure")) as found:
        yield {**azure.ENVIRONMENT, **found}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an app on Azure has at its root besides the modules, which are here."""
    folder = tmp_path_factory.mktemp("root")
    (folder / "function_app.py").write_bytes((ROOT / ENTRY_POINT).read_bytes())
    return folder


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


@pytest.mark.parametrize("handler", ON_AZURE)
def test_each_function_gets_as_far_as_its_first_client_on_azure(
    handler: str, root: Path, on_azure: Mapping[str, str]
) -> None:
    assert started(azure.case_of(handler, on_azure, root, ROOT, HERE), sys.executable).processor > 0


def test_the_bare_clients_on_azure_are_made(on_azure: Mapping[str, str]) -> None:
    bare = Case(script=azure.CLIENTS, paths=[HERE], variables=on_azure)
    assert started(bare, sys.executable).processor > 0


def test_the_api_as_it_is_mostly_written_for_azure_answers(on_azure: Mapping[str, str]) -> None:
    assert started(azure.written_by_others(on_azure, APIS, HERE), sys.executable).processor > 0


@pytest.mark.skipif(not HAS_CORE, reason="Microsoft's worker core needs Python 3.13")
def test_an_app_on_azure_is_indexed_by_microsofts_worker(
    tmp_path: Path, on_azure: Mapping[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    app = azure.unpacked(tmp_path)
    assert started(azure.app_of("workflow", on_azure, app), str(CORE)).processor > 0
    with pytest.raises(FailedStartError, match="there is no handler nobody"):
        started(azure.app_of("nobody", on_azure, app), str(CORE))


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (Case(script="raise SystemExit('too early')"), "ended with 1:\ntoo early"),
        (Case(script="", serves="/health"), "has ended with 0 before it listened"),
        (Case(script=SERVER.format(status=503), serves="/health"), "GET /health was answered with 503"),
    ],
)
def test_a_process_that_does_not_get_there_is_not_measured(case: Case, why: str) -> None:
    with pytest.raises((FailedStartError, UnansweredError), match=why):
        started(case, sys.executable)


def starts(*processor: float, wall: float = 9.0) -> list[Start]:
    return [Start(wall=wall, processor=each) for each in processor]


def told(*api: float, **more: list[Start]) -> Any:  # noqa: ANN401 JSON
    measured = {gcp.SDK: starts(1.0, 2.0, 4.0), gcp.API: starts(*api), **more}
    cases = {name: Case(script="", limit=azure.LIMIT if name in more else None) for name in measured}
    return json.loads(json.dumps(summary(gcp.TARGET, cases, measured, THIS, runs=3)))


def test_a_start_is_compared_with_the_sdks_of_its_own_turn_and_by_the_least_of_all() -> None:
    found = told(3.0, 2.0, 8.0)
    assert found["starts"][gcp.API]["times_sdk"] == {"min": 2.0, "median": 2.0}
    assert told(1.0, 4.0, 8.0)["starts"][gcp.API]["times_sdk"] == {"min": 1.0, "median": 2.0}
    assert found["package_bytes"]["source"] > 0


def test_the_bar_is_held_against_what_was_measured_and_not_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for factor, verdict in {1.4: "met", 1.401: "MISSED"}.items():
        show(gcp.TARGET, told(*(factor * sdk for sdk in (1.0, 2.0, 4.0))))
        assert f"{verdict}: the API takes 1.40 x" in capsys.readouterr().out


def test_a_start_that_the_platform_limits_is_shown_as_a_share_of_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    show(gcp.TARGET, told(1.0, 2.0, 4.0, app=starts(1.0, 1.0, 1.0, wall=3.0)))
    assert f"3.00 s of the clock, 10% of the 30 s that are {azure.LIMIT.of}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(["aws", "oracle"], "there is no target oracle, only aws, gcp, azure"), (["--runs", "0"], "0 is too few")],
)
def test_a_wrong_argument_is_said_before_anything_is_measured(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(__main__, "compiler_for", lambda platform: THIS)
    monkeypatch.setattr(__main__, "measured", pytest.fail)
    with pytest.raises(SystemExit):
        __main__.main(arguments)
    assert why in capsys.readouterr().err


def test_each_target_is_measured_on_the_python_that_it_runs() -> None:
    assert f"python{gcp.PYTHON.replace('.', '')}" == RUNTIME
