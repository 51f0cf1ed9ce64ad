"""`make cost`: whose stack it prices, on which target, and what it says when it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cost.__main__ import BILLS, main, priced_on
from benchmarks.cost.gcp.pricing import COUNTED
from benchmarks.cost.lines import Prices
from components.errors import ConfigError
from tests.architecture.source import ROOT
from tests.unit.tools.cost.easy import stack_file


@pytest.fixture
def on_gcp(tmp_path: Path) -> str:
    """A file of counts."""
    calls = {"counted": {what: "by hand" for what in COUNTED}, "gateway": dict.fromkeys(COUNTED, 1.0)}
    (tmp_path / "calls.json").write_text(json.dumps(calls))
    return str(tmp_path / "calls.json")


def test_a_line_is_its_units_at_the_price_of_as_many() -> None:
    dear = Prices(listed={"s3 put": {"usd": 5, "per": 1000}}, assumed={})
    assert dear.line("s3 put", 8).usd == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("own", "wanted", "priced"),
    [
        ("aws", None, "aws"),
        ("gcp", None, "gcp"),
        ("azure", None, "azure"),
        ("local", None, "aws"),
        ("aws", "gcp", "gcp"),
        ("gcp", "aws", "aws"),
    ],
)
def test_a_stack_is_priced_on_the_target_that_is_wanted_or_else_on_its_own(
    own: str, wanted: str | None, priced: str
) -> None:
    assert priced_on(stack_file(own), wanted) is BILLS[priced]


def test_a_stack_is_priced_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stack", "prod"]) == 0
    shown = capsys.readouterr().out
    assert "lambda request" in shown
    assert "priced as if" not in shown


def test_a_stack_of_this_machine_is_priced_as_if_it_were_on_aws(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stack", "local"]) == 0
    assert "its target is local: it is priced as if that were aws" in capsys.readouterr().out


def test_a_stack_can_be_priced_as_if_it_were_elsewhere(on_gcp: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stack", "prod", "--target", "gcp", "--calls", on_gcp]) == 0
    shown = capsys.readouterr().out
    assert "internal workflow step" in shown
    assert "its target is aws: it is priced as if that were gcp" in shown


def test_the_secrets_of_a_file_are_counted_and_not_read() -> None:
    file = stack_file("aws", "payments: {url: https://pay.example, api_key: {secure: v1:abc}}")
    assert file.secret_blocks == ("payments",)
    assert file.config(aws={"region": "us-east-1"}).payments is None


def test_a_stack_or_a_block_that_is_none_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stack", "nope"]) == 2
    assert capsys.readouterr().err == "cost: there is no Pulumi.nope.yaml; STACK is one of dev, local, prod\n"
    file = stack_file("aws", "aws: rest")
    with pytest.raises(ConfigError, match=r"^orderly:aws: .*allowed"):
        file.config(aws=file.block("aws", region="us-east-1"))


@pytest.mark.parametrize("target", BILLS)
def test_what_was_not_counted_is_asked_for_and_never_priced_as_nothing(
    target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for calls in (tmp_path / "none.json", tmp_path / "empty.json"):
        (tmp_path / "empty.json").write_text("{}")
        assert main(["--target", target, "--calls", str(calls)]) == 2
        shown = capsys.readouterr()
        assert f"WRITE_{target.upper()}_CALLS=1" in shown.err
        assert f"tests/e2e/{target}/test_bill.py" in shown.err
        assert shown.out == ""


@pytest.mark.parametrize("target", BILLS)
def test_a_stack_is_priced_by_what_was_counted_on_each_target(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stack", "prod", "--target", target]) == 0
    assert "US dollars for 1,000,000 orders" in capsys.readouterr().out


def test_who_reads_may_stop_before_the_end() -> None:
    command = [sys.executable, "-m", "benchmarks.cost", "--stack", "prod"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as pricing:
        assert pricing.stdout
        assert pricing.stderr
        pricing.stdout.close()
        assert pricing.stderr.read() == b""
    assert pricing.returncode == 0


@pytest.mark.parametrize(("orders", "why"), [("0", "0 is too few"), ("-1", "-1 is too few"), ("many", "invalid")])
def test_a_number_of_orders_that_is_none_is_said_so(orders: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--stack", "prod", "--orders", orders])
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(("told", "passed_on"), [([], False), (["ON=gcp"], True)])
def test_make_passes_on_a_target_only_if_it_is_told_one(told: list[str], passed_on: bool) -> None:
    dry_run = ["make", "--dry-run", "--old-file=.venv/.dev", "cost", *told]
    shown = subprocess.run(dry_run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert ("--target" in shown) == passed_on
