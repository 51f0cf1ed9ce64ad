"""The disk is full for a while: orders are refused in clear words, reads go on, and then everything does by itself."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

import urllib3

from chaos.campaign import Campaign
from chaos.disks import Disk
from chaos.errors import ChaosError
from chaos.rest import dead_letters
from chaos.run_time import SOURCE, until

REFUSALS = 3
"""So many orders are refused before there is room again."""
FULL_SECONDS = 15.0
"""At most; a log that was folded in has room of its own, in which orders can go on for a while."""
GOES_ON_SECONDS = 60.0
"""The loops of the run time wait up to 30 s after a failure before they try again."""
OF_THE_DISK = ("No space left", "File too large", "disk is full", "disk I/O error")


class FullDisk:
    """A campaign.Harm; every other round kills the run time while the disk is full."""

    def __init__(self, campaign: Campaign, disk: Disk) -> None:
        self._system, self._clients, self._random = campaign.system, campaign.clients, campaign.random
        self._run_time = campaign.system.run_time
        self._release = campaign.release
        self._disk = disk
        self._rounds = self._killed = self._refusing = self._read = self._redriven = 0
        self._violations: list[str] = []

    def once(self) -> None:
        self._rounds += 1
        self._run_time.await_answer()
        self._disk.fill()
        self._release()  # orders that come in peace may be done with before the disk is full
        try:
            self._while_it_is_full()
        finally:
            self._disk.free()
        if not self._run_time.lives:
            self._run_time.start()
        self._goes_on()

    def _while_it_is_full(self) -> None:
        before = self._refused()
        with suppress(ChaosError):
            until(
                lambda: self._refused() >= before + REFUSALS or self._clients.are_waiting,
                FULL_SECONDS,
                "orders are refused",
            )
        self._refusing += self._refused() > before
        self._can_be_read()
        time.sleep(self._random.uniform(0, 0.3))
        if self._rounds % 2 == 0:
            self._run_time.kill()
            self._killed += 1

    def _refused(self) -> int:
        return self._clients.told.refusals[503]

    def _can_be_read(self) -> None:
        tenant, token = next(iter(self._system.tokens().items()))
        headers = {"Authorization": f"Bearer {token}"}
        answer = urllib3.request("GET", f"{self._run_time.url}/orders?limit=5", headers=headers, retries=False)
        if answer.status == 200:
            self._read += 1
        else:
            self._violations.append(f"the orders of {tenant} cannot be read on a full disk: {answer.status}")

    def _goes_on(self) -> None:
        """By itself: the next order is accepted."""
        before = len(self._clients.told.accepted)
        try:
            until(
                lambda: len(self._clients.told.accepted) > before or self._clients.are_waiting,
                GOES_ON_SECONDS,
                "an order is accepted",
            )
        except ChaosError:
            self._violations.append(f"no order is accepted {GOES_ON_SECONDS:g} s after there is room again")

    def heal(self) -> bool:
        """What died of the full disk is sent back, as the operators' command does it."""
        dead = dead_letters(self._system.home.database)
        queues = {queue for queue, reason in dead if any(known in reason for known in OF_THE_DISK)}
        for queue in sorted(queues):
            self._redriven += self._redrive(queue)
        return bool(queues)

    def _redrive(self, queue: str) -> int:
        command = [sys.executable, "-m", "operations", "--home", str(self._system.home.root)]
        command += ["redrive", "--queue", queue, "--json"]
        done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ChaosError(f"the dead letters of {queue} cannot be sent back: {done.stderr.strip()}")
        return int(json.loads(done.stdout)["sent_back"])

    def violations(self) -> list[str]:
        if not self._refusing:
            self._violations.append("no order was refused: the disk was never really full")
        return self._violations

    def figures(self) -> Mapping[str, object]:
        return {
            "times the disk was full": self._rounds,
            "times orders were refused": self._refusing,
            "times orders could be read all the while": self._read,
            "kills while it was full": self._killed,
            "dead letters of the full disk, sent back": self._redriven,
        }
