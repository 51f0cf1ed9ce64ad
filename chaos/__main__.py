"""`python -m chaos --mode kill --rounds 100 --orders 1000`: harms a system of its own, and says what came of it.

Exit codes: 0 every promise was kept, 1 one was not, 2 there was nothing to harm, 130 it was interrupted.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.arguments import at_least_one
from benchmarks.local.process import end_in_order
from chaos.campaign import Campaign, Harm, Report, Size
from chaos.disks import Disk, Ordinary, full_able
from chaos.errors import ChaosError
from chaos.full_disk import FullDisk
from chaos.kills import Kills
from chaos.system import System, deployed
from chaos.torn_log import TornLog
from local_runtime.errors import RunTimeError
from portal.errors import DeploymentError

MAX_ROUNDS, MAX_ORDERS = 1_000, 20_000
MODES: Mapping[str, Callable[[Campaign, Disk], Harm]] = {
    "kill": lambda campaign, _: Kills(campaign),
    "disk-full": FullDisk,
    "torn-wal": lambda campaign, _: TornLog(campaign),
}
SHOWN_VIOLATIONS = 50


def main() -> int:
    options = _parser().parse_args()
    console, errors = Console(highlight=False), Console(stderr=True, highlight=False)
    end_in_order()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    try:
        size = Size(rounds=options.rounds, orders=options.orders, seed=options.seed)
        report = run(console, options.mode, size, keep=options.keep)
    except (ChaosError, DeploymentError, RunTimeError) as error:
        errors.print(f"chaos: {error}", style="red", markup=False, soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        errors.print("chaos: interrupted; what it had made is gone", markup=False)
        return 130
    show(console, report)
    return 1 if report.violations else 0


def run(console: Console, mode: str, size: Size, *, keep: Path | None) -> Report:
    console.print(f"mode {mode}, {size.rounds} rounds, {size.orders} orders, seed {size.seed}: the same again with")
    console.print(f"  make chaos MODE={mode} KILLS={size.rounds} ORDERS={size.orders} SEED={size.seed}\n")
    with tempfile.TemporaryDirectory(prefix="orderly-chaos-") as name, _disk(mode, Path(name)) as disk:
        console.print(f"the system is made by the Pulumi engine, on {disk.how}")
        with deployed(Path(name), disk.folder / "home") as system:
            disk.of(system.run_time)
            campaign = Campaign(system, size)
            try:
                report = campaign.run(MODES[mode](campaign, disk))
            except BaseException:
                _keep(system, keep)
                raise
            if report.violations:
                _keep(system, keep)
            return report


def _keep(system: System, folder: Path | None) -> None:
    """What somebody needs who wants to know why: the database with all that goes with it, and what was said."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    database = system.home.database
    for path in (*database.parent.glob(f"{database.name}*"), system.run_time.log):
        with suppress(FileNotFoundError):  # one that has just gone, or never was
            shutil.copy2(path, folder)


@contextmanager
def _disk(mode: str, folder: Path) -> Iterator[Disk]:
    if mode != "disk-full":
        yield Ordinary(folder)
        return
    with full_able(folder) as disk:
        yield disk


def show(console: Console, report: Report) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for name, value in report.figures.items():
        table.add_row(name, value)
    table.add_row("violations", str(len(report.violations)), style="bold red" if report.violations else "bold green")
    console.print(table)
    for violation in report.violations[:SHOWN_VIOLATIONS]:
        console.print(f"  {violation}", style="red", markup=False, soft_wrap=True)
    if (more := len(report.violations) - SHOWN_VIOLATIONS) > 0:
        console.print(f"  and {more} more", style="red")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chaos", description="Harm a real local system while orders arrive, then audit its books."
    )
    parser.add_argument("--mode", choices=sorted(MODES), default="kill")
    parser.add_argument("--rounds", type=_up_to(MAX_ROUNDS), default=100, help="kills, or rounds of another harm")
    parser.add_argument("--orders", type=_up_to(MAX_ORDERS), default=1000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="default: drawn, and printed")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for the database and the log, if it went wrong")
    return parser


def _up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if (found := at_least_one(text)) > most:
            raise argparse.ArgumentTypeError(f"{found} is too many: ask for {most} at most")
        return found

    return number


if __name__ == "__main__":
    sys.exit(main())
