"""What `python -m chaos` is told and tells, without harming anything."""

from __future__ import annotations

import io
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from rich.console import Console

from chaos import __main__ as command
from chaos.campaign import Report, Size
from chaos.errors import ChaosError
from chaos.run_time import RunTime
from chaos.system import System
from local_runtime.home import Home


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, report: Report | Exception | None = None) -> int:
    asked: list[tuple[str, Size]] = []

    def pretend(console: Console, mode: str, size: Size, *, keep: Path | None) -> Report:
        asked.append((mode, size))
        if isinstance(report, Exception):
            raise report
        return report or Report()

    monkeypatch.setattr(command, "run", pretend)
    monkeypatch.setattr("chaos.__main__.signal.signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["chaos", *arguments])
    code = command.main()
    assert asked
    return code


def test_no_violation_is_exit_code_zero(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, report=Report(figures={"kills": "100"})) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [["kills", "100"], ["violations", "0"]]


def test_each_violation_is_named_and_makes_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, report=Report(violations=["order [a] is lost", "order b is lost"])) == 1
    shown = capsys.readouterr().out
    assert "order [a] is lost\n" in shown
    assert "order b is lost\n" in shown


def test_many_violations_are_cut_short_with_how_many_more() -> None:
    printed = io.StringIO()
    command.show(Console(file=printed), Report(violations=[f"order {number} is lost" for number in range(60)]))
    assert printed.getvalue().count("is lost") == command.SHOWN_VIOLATIONS
    assert "and 10 more" in printed.getvalue()


def test_what_keeps_it_from_running_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, report=ChaosError("there is no room")) == 2
    assert capsys.readouterr().err == "chaos: there is no room\n"


@pytest.mark.parametrize("ending", [Report(violations=["order a is lost"]), ChaosError("gone"), KeyboardInterrupt()])
def test_what_it_found_wrong_is_kept_however_it_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: Report | BaseException
) -> None:
    with suppress(ChaosError, KeyboardInterrupt):
        harm(monkeypatch, tmp_path, ending)
    kept = {path.name: path.read_text() for path in (tmp_path / "kept").iterdir()}
    assert kept == {"orders.sqlite": "the database", "orders.sqlite-wal": "its log", "run-time.log": "what it said"}


def test_nothing_is_kept_of_a_system_that_kept_every_promise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    harm(monkeypatch, tmp_path, Report())
    assert not (tmp_path / "kept").exists()


def harm(monkeypatch: pytest.MonkeyPatch, folder: Path, ending: Report | BaseException) -> None:
    """A system of three files, in a campaign that ends in this way."""
    system = System(home=Home(folder), run_time=RunTime(folder, 1, folder / "run-time.log"))
    system.home.database.write_text("the database")
    (folder / "orders.sqlite-wal").write_text("its log")
    system.run_time.log.write_text("what it said")

    class Ending:
        def __init__(self, *_: object) -> None: ...

        def run(self, _: object) -> Report:
            if isinstance(ending, BaseException):
                raise ending
            return ending

    monkeypatch.setattr(command, "deployed", lambda *_: nullcontext(system))
    monkeypatch.setattr(command, "Campaign", Ending)
    monkeypatch.setattr(command, "MODES", {"kill": lambda *_: None})
    console = Console(file=io.StringIO())
    command.run(console, "kill", Size(rounds=1, orders=1, seed=1), keep=folder / "kept")


def test_ctrl_c_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object, **__: object) -> Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run", interrupted)
    monkeypatch.setattr("chaos.__main__.signal.signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["chaos"])
    assert command.main() == 130
    assert capsys.readouterr().err == "chaos: interrupted; what it had made is gone\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rounds", "0"], "0 is too few"),
        (["--rounds", "1001"], "1001 is too many: ask for 1000 at most"),
        (["--orders", "20001"], "20001 is too many: ask for 20000 at most"),
        (["--mode", "fire"], "invalid choice: 'fire'"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["chaos", *arguments])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
