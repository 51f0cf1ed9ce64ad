"""Load on a run time from clients in processes of their own, and what came of it."""

from __future__ import annotations

import json
import math
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.local.client import PATIENCE_SECONDS, Moments, Plan
from benchmarks.local.home import token
from benchmarks.local.process import ROOT, BenchmarkError, Running

PROCESSES = 2
MORE_SECONDS = 2 * PATIENCE_SECONDS
"""Than its plan says a client may take: for the last order to be answered, and to end."""
WARM_UP_SHARE = 0.25
"""Of the time of a load; what happens in it is in no figure."""


@dataclass(frozen=True)
class Outcome:
    """Of a load: every order that it placed, by the moments of client.py."""

    orders: Sequence[Moments]

    def fulfilled_a_second(self) -> float:
        """Between the end of the warm-up and the last request; what ended later found an emptying system. Raises
        BenchmarkError when none did.
        """
        began, last = min(sent for sent, _, _ in self.orders), max(sent for sent, _, _ in self.orders)
        warm = began + (last - began) * WARM_UP_SHARE
        fulfilled = sum(1 for _, _, ended in self.orders if warm < ended <= last)
        if not fulfilled:
            raise BenchmarkError("no order ended in the time there was: give it more, or a machine that is less busy")
        return fulfilled / (last - warm)

    def answer_seconds(self) -> list[float]:
        return sorted(answered - sent for sent, answered, _ in self._warm())

    def order_seconds(self) -> list[float]:
        """From the answer that accepted it."""
        return sorted(ended - answered for _, answered, ended in self._warm())

    def _warm(self) -> list[Moments]:
        began, last = min(sent for sent, _, _ in self.orders), max(sent for sent, _, _ in self.orders)
        return [each for each in self.orders if each[0] >= began + (last - began) * WARM_UP_SHARE]


def closed(system: Running, users: int, seconds: float) -> Outcome:
    """`users` who each place the next order once their last one is fulfilled."""
    shares = [users // PROCESSES + (number < users % PROCESSES) for number in range(PROCESSES)]
    return _run([_plan(system, seconds, users=share) for share in shares if share])


def open_loop(system: Running, rate: float, seconds: float) -> Outcome:
    """Orders at random moments, `rate` a second on average, however the system keeps up."""
    return _run([_plan(system, seconds, rate=rate / PROCESSES) for _ in range(PROCESSES)])


def counted(system: Running, orders: int) -> Outcome:
    """So many, by users who each place one."""
    return _run([_plan(system, 0, users=orders)])


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest that at least this share of all is no greater than."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _plan(system: Running, seconds: float, *, users: int = 0, rate: float = 0.0) -> Plan:
    return Plan(
        port=urlsplit(system.url).port or 0,
        token=token(system.home),
        database=str(system.home.database),
        seconds=seconds,
        seed=secrets.randbits(48),
        users=users,
        rate=rate,
    )


@contextmanager
def _started(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _printed(client: subprocess.Popen[str], plan: Plan) -> str:
    seconds = plan.seconds + MORE_SECONDS
    try:
        return client.communicate(plan.to_json(), timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        client.kill()
        client.communicate()
        raise BenchmarkError(f"a client did not end within {seconds:g} s: its load is no figure") from None


def _run(plans: Sequence[Plan]) -> Outcome:
    command = [sys.executable, "-m", "benchmarks.local.client"]
    with ThreadPoolExecutor(len(plans)) as threads, ExitStack() as ending:
        clients = [ending.enter_context(_started(command)) for _ in plans]
        printed = list(threads.map(_printed, clients, plans))
    if any(client.returncode for client in clients):
        raise BenchmarkError("a client failed, as it has said: its load is no figure")
    orders = [(sent, answered, ended) for text in printed for sent, answered, ended in json.loads(text)]
    if not orders:
        raise BenchmarkError("no order was placed in the time there was: give it more")
    return Outcome(orders)
