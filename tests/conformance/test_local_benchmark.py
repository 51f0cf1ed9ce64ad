"""That each case of the benchmark of the local system measures something: a few orders, and no time asserted."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import on_dbos
from benchmarks.local import __main__, cases, client, load, plot, process, soak, stored
from benchmarks.local.home import declare
from benchmarks.local.load import Outcome, percentile
from benchmarks.local.process import BenchmarkError, Running, running
from benchmarks.local.report import show
from benchmarks.local.samples import Sample, growth, rise
from benchmarks.local.scale import Scale
from components.saga.order import ORDER_SAGA

FEW = Scale(
    users=(2, 3),
    seconds=2,
    half_load_seconds=1,
    rounds=1,
    workflows=2,
    commits=5,
    stored=(4, 8),
    templates=4,
    starts=1,
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(declare(tmp_path_factory.mktemp("bench") / "home")) as found:
        yield found


@pytest.fixture(scope="module")
def figures(system: Running, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 JSON
    """Of everything but DBOS, which would have to be installed."""
    scratch = tmp_path_factory.mktemp("scratch")
    users, ramp = cases.ramp(system, FEW)
    found = {
        "machine": {"processors": 2},
        "ramp": ramp,
        "saturation": cases.beside_dbos(system, users, None, scratch, FEW),
        "half_load": cases.half_load(system, 20, FEW),
        "stored": cases.with_many_stored(scratch, users, FEW),
        "start_up": cases.start_up(scratch / "started", FEW),
    }
    return json.loads(json.dumps(found))


def test_the_ramp_ends_with_the_users_at_which_most_is_done(figures: Any) -> None:  # noqa: ANN401 JSON
    by_users = figures["ramp"]["orders_by_users"]
    assert by_users[str(figures["ramp"]["users"])] == max(by_users.values())
    assert set(by_users) == {"2", "3"}


def test_an_order_has_commits_and_they_are_counted(figures: Any) -> None:  # noqa: ANN401 JSON
    assert figures["saturation"]["commits_an_order"] > 1
    assert set(figures["saturation"]["rates"]) == {"orders", "own_saga", "sqlite_full_commits", "sqlite_normal_commits"}


def test_orders_at_half_the_rate_are_counted_from_when_they_were_to_be_sent(figures: Any) -> None:  # noqa: ANN401
    found = figures["half_load"]
    assert found["orders"] > 0
    for name in ("post_seconds", "order_seconds"):
        assert 0 < found[name]["p50"] <= found[name]["p99"]


def test_the_bare_ones_start_sooner_than_ours(figures: Any) -> None:  # noqa: ANN401 JSON
    processor = [start["processor_seconds"] for start in figures["start_up"].values()]
    assert processor == sorted(processor)


def test_everything_that_was_measured_is_shown_and_drawn(figures: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401
    show(figures)
    told = capsys.readouterr().out
    assert "whole orders, HTTP to FULFILLED" in told
    assert "with 8 stored orders" in told
    assert "dbos==3.4.0 is not available" in told
    drawn = plot.drawn(figures)
    assert drawn.startswith("<svg")
    assert str(figures["saturation"]["rates"]["orders"]["median"]) in drawn


def test_a_case_that_is_beside_dbos_is_held_against_the_bar() -> None:
    for orders, verdict in ((50.0, True), (49.9, False)):
        found = cases._beside({"orders": [orders], "own_saga": [90.0], "dbos_as_it_comes": [10.0]}, [1.0])
        assert found["is_met"] is verdict
        assert found["saga_alone_times_dbos"] == {"dbos_as_it_comes": 9.0}


def test_what_is_beside_dbos_is_shown_as_a_multiple(figures: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401
    beside = cases._beside({"orders": [60.0], "own_saga": [90.0], "dbos_as_it_comes": [10.0]}, [1.0])
    show({**figures, "saturation": beside})
    assert "we do 6.0 x as many whole orders, 9.0 x as many sagas alone" in capsys.readouterr().out


def test_each_step_of_the_saga_has_its_writes_on_dbos() -> None:
    assert list(cases.SAGA_WRITES) == [step.name for step in ORDER_SAGA.steps()]


def test_what_is_copied_is_as_whole_as_what_was_placed(tmp_path: Path) -> None:
    home = declare(tmp_path / "home")
    with running(home) as made:
        load.counted(made, 2)
        made.settle()
        counted = (
            "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM saga_journal) + (SELECT sum(sold) FROM stock)"
        )
        before = made.ask(counted)
    stored.multiply(home, 6)
    with running(home) as many:
        assert many.ask(counted) == 3 * before
        assert many.ask("SELECT count(*) FROM pragma_foreign_key_check") == 0
        load.counted(many, 1)
        many.settle()
        assert many.ask("SELECT count(*) FROM orders WHERE status = 'FULFILLED'") == 7


def test_orders_that_do_not_multiply_to_the_number_are_refused(tmp_path: Path) -> None:
    home = declare(tmp_path / "home")
    with running(home) as made:
        load.counted(made, 2)
        made.settle()
    with pytest.raises(BenchmarkError, match="5 are no multiple of the 2 orders"):
        stored.multiply(home, 5)


def test_only_what_comes_between_the_warm_up_and_the_last_request_is_a_rate() -> None:
    seconds = [(float(sent), sent + 0.5, sent + 1.0) for sent in range(9)]
    assert Outcome(seconds).fulfilled_a_second() == 6 / 6
    assert Outcome(seconds).answer_seconds() == [0.5] * 7


def test_a_percentile_is_one_of_the_values() -> None:
    assert [percentile([1.0, 2.0, 3.0, 4.0], share) for share in (0.25, 0.5, 0.99)] == [1.0, 2.0, 4.0]


def test_a_client_that_is_refused_is_no_figure(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "token", lambda home: "none")
    with pytest.raises(BenchmarkError, match="its load is no figure"):
        load.counted(system, 1)


def test_a_run_time_that_does_not_start_is_said(tmp_path: Path) -> None:
    home = declare(tmp_path / "home")
    home.database.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(BenchmarkError, match=r"the run time did not start: .*is damaged"), running(home):
        pass


def test_what_is_written_is_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(__main__, "measured", lambda *_: {"orders": 1})
    monkeypatch.setattr(__main__, "show", lambda _: None)
    __main__.main(["--dbos-python", "python", "--write", str(tmp_path / "local.json")])
    assert json.loads((tmp_path / "local.json").read_text()) == {"orders": 1}


def test_figures_that_lack_dbos_do_not_take_the_place_of_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(on_dbos, "interpreter", lambda *_: None)
    monkeypatch.setattr(__main__, "measured", lambda *_: {"orders": 1})
    (tmp_path / "local.json").write_text("those of before")
    with pytest.raises(SystemExit) as ended:
        __main__.main(["--write", str(tmp_path / "local.json")])
    assert (ended.value.code, (tmp_path / "local.json").read_text()) == (2, "those of before")
    said = capsys.readouterr().err
    assert "dbos==3.4.0 cannot be had, so --write would keep figures that lack it" in said
    assert said.count("\n") == 1


def test_what_cannot_be_measured_on_dbos_is_one_line(tmp_path: Path) -> None:
    plan = on_dbos.Plan(side_by_side=1, one_by_one=1, writes=[0], journal_mode="WAL")
    for python in (Path("false"), tmp_path / "nowhere"):
        with pytest.raises(on_dbos.DbosError, match=f"dbos==3.4.0 cannot be measured with {python}: "):
            on_dbos.measured(python, plan, tmp_path)


def test_what_has_no_order_that_ended_has_no_rate() -> None:
    for moments in ([(0.0, 0.1, 0.2)], [(0.0, 0.1, 9.0), (1.0, 1.1, 9.0)]):
        with pytest.raises(BenchmarkError, match="no order ended in the time there was"):
            Outcome(moments).fulfilled_a_second()


def test_a_client_that_does_not_end_is_killed_and_is_no_figure(
    system: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "MORE_SECONDS", -0.9)
    with pytest.raises(BenchmarkError, match=r"a client did not end within 0\.1 s: its load is no figure"):
        load.closed(system, 1, 1)


def test_a_process_that_does_not_end_when_asked_to_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_SECONDS", 0.2)
    deaf = subprocess.Popen(["sh", "-c", "trap '' TERM; echo; exec sleep 30"], stdout=subprocess.PIPE)
    with deaf:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        process.end(deaf)
        assert deaf.returncode == -signal.SIGKILL


def test_a_soak_that_cannot_begin_or_be_judged_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(soak, "_soaked_anew", lambda *_: (1.0, [SAMPLE] * 20))
    with pytest.raises(SystemExit, match=r"^benchmarks\.local\.soak: too little happened for a slope"):
        soak.main([])
    with pytest.raises(SystemExit) as ended:
        soak.main(["--minutes", "121"])
    assert ended.value.code == 2
    assert "121 is too much: ask for 120 at most" in capsys.readouterr().err


SAMPLE = Sample(seconds=0, orders=0, memory=50 * 2**20, handles=50, threads=90, log=4 * 2**20, database=2**20)


def soaked(**per_sample: int) -> list[Sample]:
    """Twenty samples, 100 orders apart, in which each of these grows by so much."""
    grown = [{name: getattr(SAMPLE, name) + more * number for name, more in per_sample.items()} for number in range(20)]
    return [replace(SAMPLE, seconds=number, orders=100 * number, **each) for number, each in enumerate(grown)]


@pytest.mark.parametrize(
    ("growing", "broken"),
    [
        ({}, set()),
        ({"memory": 10_000}, set()),
        ({"memory": 11_000}, {"memory, MiB for 10,000 orders"}),
        ({"handles": 2}, {"open files, more in the last third than in the first"}),
        ({"threads": 1}, {"threads, more in the last third than in the first"}),
        ({"log": 2**21}, {"log at its largest, MiB"}),
    ],
)
def test_what_grows_breaks_its_limit_and_no_other(growing: dict[str, int], broken: set[str]) -> None:
    assert {finding.what for finding in soak.judged(soaked(**growing)) if not finding.is_met} == broken


def test_a_soak_in_which_nothing_happened_is_no_figure() -> None:
    with pytest.raises(BenchmarkError, match="too little happened"):
        soak.judged([SAMPLE] * 20)


def test_a_slope_and_a_rise_are_those_of_the_samples() -> None:
    samples = soaked(memory=500)
    assert growth(samples, lambda each: each.memory, lambda each: each.orders) == pytest.approx(5)
    assert rise(samples, lambda each: each.orders) == 1400


def test_a_system_is_watched_while_it_works(system: Running) -> None:
    samples = soak.soaked(system, rate=20, seconds=2)
    assert samples[-1].orders > samples[0].orders
    assert min(samples[-1].memory, samples[-1].handles, samples[-1].threads, samples[-1].database) > 0


def test_the_arrivals_do_not_depend_on_the_answers() -> None:
    assert client.Plan(port=1, token="t", database="d", seconds=1, seed=1, rate=2).users == 0  # noqa: S106
