"""`make soak`: half of the rate that the local system can do, for minutes, while what it holds is watched.

`python -m benchmarks.local.soak [--minutes N] [--rate R] [--write FILE]`. An hour at half load has six times the orders
of ten minutes, and cannot be had in less: what is shown is that nothing grows with the orders or with the time, and
what would have grown in an hour at that slope. Ends with 1 when a limit is broken.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.local import load, machine
from benchmarks.local.home import declare
from benchmarks.local.process import BenchmarkError, Running, end_in_order, running
from benchmarks.local.samples import MEBIBYTE, Sample, growth, rise, sampling

USERS = 48
"""Of the load that tells what the system can do."""
WARM_UP_SHARE = 0.3
"""Of the samples."""
LARGEST_LOG = 24 * MEBIBYTE
"""A promise of its own: the writer begins it anew beyond 16 MiB, and 8 MiB may come while it waits for who reads."""
MAX_MINUTES = 120
SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Finding:
    what: str
    found: float
    limit: float

    @property
    def is_met(self) -> bool:
        return self.found <= self.limit


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.local.soak", description=__doc__)
    parser.add_argument("--minutes", type=_minutes, default=10.0)
    parser.add_argument("--rate", type=_positive, help="orders a second; by default half of what is measured first")
    parser.add_argument("--write", type=Path, help="where to keep the samples and findings, as JSON")
    options = parser.parse_args(arguments)
    seconds = options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="soak-local-") as folder:
        try:
            rate, samples = _soaked_anew(Path(folder), options.rate, seconds)
            findings = judged(samples)
        except BenchmarkError as error:
            sys.exit(f"benchmarks.local.soak: {error}")
        about = {**machine.described(Path(folder)), "load_after": machine.load()}
    _show(rate, samples, findings)
    if options.write:
        _keep(options.write, {"machine": about, "rate": round(rate, 1)}, samples, findings)
    return 0 if all(finding.is_met for finding in findings) else 1


def _soaked_anew(folder: Path, rate: float | None, seconds: float) -> tuple[float, list[Sample]]:
    """A system of its own, and at which rate."""
    with running(declare(folder / "home")) as system:
        half = _half_load(system)
        return (rate or half), soaked(system, rate or half, seconds)


def soaked(system: Running, rate: float, seconds: float) -> list[Sample]:
    with sampling(system, max(0.2, min(5.0, seconds / 60))) as samples:
        load.open_loop(system, rate, seconds)
    return samples


def judged(samples: Sequence[Sample]) -> list[Finding]:
    """Raises BenchmarkError when there are too few samples for a slope."""
    warm = _warm(samples)
    if len(warm) < 3 or warm[-1].orders == warm[0].orders:
        raise BenchmarkError("too little happened for a slope: give it more minutes")
    by_order = growth(warm, lambda each: each.memory, lambda each: each.orders)
    return [
        # 100 bytes an order: less than the smallest thing that could be kept of one, its id.
        Finding(what="memory, MiB for 10,000 orders", found=by_order * 10_000 / MEBIBYTE, limit=1.0),
        Finding(what="open files, more in the last third than in the first", found=rise(warm, _handles), limit=10),
        Finding(what="threads, more in the last third than in the first", found=rise(warm, _threads), limit=5),
        Finding(
            what="log at its largest, MiB", found=max(s.log for s in samples) / MEBIBYTE, limit=LARGEST_LOG / MEBIBYTE
        ),
    ]


def _warm(samples: Sequence[Sample]) -> Sequence[Sample]:
    return samples[int(len(samples) * WARM_UP_SHARE) :]


def _handles(sample: Sample) -> float:
    return sample.handles


def _threads(sample: Sample) -> float:
    return sample.threads


def _half_load(system: Running) -> float:
    """Half of what it does with as many users as it is worth; it then has every thread and reader it will need."""
    outcome = load.closed(system, USERS, 10)
    system.settle()
    return outcome.fulfilled_a_second() / 2


def _show(rate: float, samples: Sequence[Sample], findings: Sequence[Finding]) -> None:
    first, last = samples[0], samples[-1]
    print(f"{rate:.1f} orders a second for {last.seconds:.0f} s; {last.orders} fulfilled\n")
    print("seconds   orders   memory MiB   open files   threads   log MiB   database MiB")
    for sample in samples[:: max(1, len(samples) // SHOWN)]:
        print(
            f"{sample.seconds:7.0f} {sample.orders:8} {sample.memory / MEBIBYTE:12.1f} {sample.handles:12}"
            f" {sample.threads:9} {sample.log / MEBIBYTE:9.1f} {sample.database / MEBIBYTE:14.1f}"
        )
    print()
    for finding in findings:
        verdict = "met" if finding.is_met else "MISSED"
        print(f"{verdict:6} {finding.what}: {finding.found:.2f}; at most {finding.limit:g}")
    hour = growth(_warm(samples), lambda each: each.memory, lambda each: each.seconds) * 3600 / MEBIBYTE
    kept = (last.database - first.database) / max(1, last.orders - first.orders)
    print(f"at its slope memory grows by {hour:+.1f} MiB in an hour; the database by {kept:.0f} bytes an order")


def _keep(file: Path, about: dict[str, object], samples: Sequence[Sample], findings: Sequence[Finding]) -> None:
    found = [{**asdict(finding), "is_met": finding.is_met} for finding in findings]
    written = {**about, "findings": found, "samples": [asdict(sample) for sample in samples]}
    file.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def _positive(text: str) -> float:
    number = float(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text} is too little: give a number above 0")
    return number


def _minutes(text: str) -> float:
    if (number := _positive(text)) > MAX_MINUTES:
        raise argparse.ArgumentTypeError(f"{text} is too much: ask for {MAX_MINUTES} at most")
    return number


if __name__ == "__main__":
    end_in_order()
    sys.exit(main())
