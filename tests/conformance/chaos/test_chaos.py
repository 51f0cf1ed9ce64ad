"""`make chaos` in short: the real run time is harmed while orders arrive, and every promise is kept all the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from chaos.campaign import Campaign, Report, Size
from chaos.disks import Limited, Tmpfs, full_able
from chaos.errors import ChaosError
from chaos.full_disk import FullDisk
from chaos.kills import Kills
from chaos.system import System
from chaos.torn_log import TornLog
from tests.conformance.chaos.declared import declared


def number(report: Report, figure: str) -> int:
    return int(report.figures[figure])


def test_killed_again_and_again_it_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    with declared(tmp_path, tmp_path) as system:
        campaign = Campaign(system, Size(rounds=5, orders=50, seed=7))
        report = campaign.run(Kills(campaign))
    assert report.violations == []
    assert (number(report, "orders accepted"), number(report, "kills"), number(report, "starts")) == (50, 5, 6)
    assert number(report, "kills with work in hand") >= 1


class NeverAgain:
    """A campaign.Harm after which nothing answers and nothing can be read."""

    def __init__(self, system: System) -> None:
        self._system = system

    def once(self) -> None:
        self._system.run_time.kill()
        self._system.home.database.write_bytes(b"no database")
        self._system.run_time.start()

    def heal(self) -> bool:
        return False

    def violations(self) -> list[str]:
        return ["it was harmed"]

    def figures(self) -> Mapping[str, object]:
        return {"harms": 1}


def test_a_system_that_never_answers_again_is_a_violation_and_what_else_is_known_is_told(tmp_path: Path) -> None:
    with declared(tmp_path, tmp_path) as system:
        report = Campaign(system, Size(rounds=1, orders=3, seed=7)).run(NeverAgain(system))
    told = "\n".join(report.violations)
    assert re.search(r"^the campaign broke off: the run time did not start: .+", told, re.MULTILINE)
    assert "it was harmed" in report.violations
    assert re.search(r"^the stop broke off|^the run time stopped with exit code 2$", told, re.MULTILINE)
    assert re.search(r"^the audit broke off: DatabaseError: file is not a database$", told, re.MULTILINE)
    assert (report.figures["harms"], report.figures["starts"]) == ("1", "2")


def test_a_system_that_cannot_even_start_is_nothing_to_harm(tmp_path: Path) -> None:
    with declared(tmp_path, tmp_path) as system:
        system.home.database.write_bytes(b"no database")
        with pytest.raises(ChaosError, match="the run time did not start"):
            Campaign(system, Size(rounds=1, orders=3, seed=7)).run(NeverAgain(system))


def test_a_damaged_log_is_refused_and_a_write_that_was_cut_off_is_not(tmp_path: Path) -> None:
    with declared(tmp_path, tmp_path) as system:
        campaign = Campaign(system, Size(rounds=6, orders=50, seed=7))
        report = campaign.run(TornLog(campaign))
    assert report.violations == []
    assert number(report, "starts refused, in clear words") > 0
    assert number(report, "writes cut off, which refuse nothing") > 0


def full_disk_report(folder: Path, kind: type[Limited] | type[Tmpfs], disk: Limited | Tmpfs) -> Report:
    assert isinstance(disk, kind)
    with declared(folder, disk.folder) as system:
        disk.of(system.run_time)
        campaign = Campaign(system, Size(rounds=2, orders=80, seed=7))
        return campaign.run(FullDisk(campaign, disk))


def test_while_files_cannot_grow_orders_are_refused_and_then_it_goes_on_by_itself(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    report = full_disk_report(tmp_path, Limited, Limited(tmp_path / "disk"))
    assert report.violations == []
    assert number(report, "requests refused with 503") > 0


def test_while_the_disk_is_full_orders_are_refused_and_then_it_goes_on_by_itself(tmp_path: Path) -> None:
    with full_able(tmp_path) as disk:
        if not isinstance(disk, Tmpfs):
            pytest.skip("no file system may be mounted here: that its files cannot grow is what was shown instead")
        report = full_disk_report(tmp_path, Tmpfs, disk)
    assert report.violations == []
    assert number(report, "requests refused with 503") > 0
