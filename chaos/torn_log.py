"""Killed, and then the end of the write-ahead log is damaged: what was answered is there, or the start is refused."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from chaos.campaign import Campaign
from chaos.errors import ChaosError
from chaos.run_time import until
from chaos.wal_file import FRAME_HEADER_BYTES, Frame, committed

REFUSED = 2
ANSWER_SECONDS = 5.0


class TornLog:
    """A campaign.Harm. A refused start must leave the files as they were: sound copies of them then make it good."""

    def __init__(self, campaign: Campaign) -> None:
        self._random, self._clients = campaign.random, campaign.clients
        self._run_time, self._database = campaign.system.run_time, campaign.system.home.database
        self._log = self._database.with_name(self._database.name + "-wal")
        self._copies = self._database.with_name("copies")
        self._damaged = dict.fromkeys(DAMAGES, 0)
        self._refused = self._unanswered = self._cut_off = 0
        self._violations: list[str] = []

    def once(self) -> None:
        self._kill_at_work()
        frames = committed(self._log)
        if not frames:
            self._run_time.start()
        elif self._random.random() < 0.25:
            self._cut_a_write_off(frames)
        else:
            self._damage(frames)

    def _kill_at_work(self) -> None:
        self._run_time.await_answer()
        before = len(self._clients.told.accepted)
        with suppress(ChaosError):
            until(lambda: len(self._clients.told.accepted) > before, ANSWER_SECONDS, "an order is accepted")
        time.sleep(self._random.uniform(0, 0.2))
        self._run_time.kill()

    def _cut_a_write_off(self, frames: list[Frame]) -> None:
        """As a kill does between two frames of a transaction: nobody was answered, so nothing is wrong."""
        self._cut_off += 1
        with self._log.open("r+b") as log:
            log.seek(frames[-1].offset)
            last = log.read(FRAME_HEADER_BYTES)
            log.seek(frames[-1].end)
            log.write(last[:4] + bytes(4) + last[8:16] + os.urandom(8) + os.urandom(frames[-1].page_bytes // 2))
        try:
            self._run_time.start()
        except ChaosError as error:
            self._violations.append(f"a write that was cut off keeps it from starting: {error}")
            raise

    def _damage(self, frames: list[Frame]) -> None:
        name = self._random.choice(list(DAMAGES))
        self._keep_copies()
        DAMAGES[name](self._log, frames)
        self._damaged[name] += 1
        before = self._digests()
        self._run_time.spawn()
        until(lambda: self._run_time.answers() or not self._run_time.lives, 60, "the run time refuses or answers")
        if self._run_time.lives:
            self._unanswered += 1  # the audit finds out if it was not
            return
        self._refused += 1
        self._check_refusal(name, before)
        self._bring_copies_back()
        self._run_time.start()

    def _check_refusal(self, name: str, before: list[str]) -> None:
        code, said = self._run_time.process.returncode, self._run_time.said()
        needed = (str(self._log), "commits", "put sound copies", "to go on without what is lost")
        if code != REFUSED or said.count("\n") or not all(words in said for words in needed):
            self._violations.append(f"{name}: the refusal is not clear (exit code {code}): {said}")
        if self._digests() != before:
            self._violations.append(f"{name}: the refused start has changed the files")

    def _digests(self) -> list[str]:
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in (self._database, self._log)]

    def _keep_copies(self) -> None:
        self._copies.mkdir(exist_ok=True)
        for path in (self._database, self._log):
            shutil.copy2(path, self._copies / path.name)

    def _bring_copies_back(self) -> None:
        for path in (self._database, self._log):
            shutil.copy2(self._copies / path.name, path)

    def heal(self) -> bool:
        return False

    def violations(self) -> list[str]:
        return self._violations

    def figures(self) -> Mapping[str, object]:
        return {
            "kills": sum(self._damaged.values()) + self._cut_off,
            **{f"logs damaged: {name}": times for name, times in self._damaged.items()},
            "starts refused, in clear words": self._refused,
            "starts after what nobody had been answered": self._unanswered,
            "writes cut off, which refuse nothing": self._cut_off,
        }


def _flip(log: Path, frames: list[Frame]) -> None:
    with log.open("r+b") as file:
        file.seek(frames[-1].page_offset + 100)
        byte = file.read(1)[0]
        file.seek(frames[-1].page_offset + 100)
        file.write(bytes([byte ^ 0x40]))


def _cut(log: Path, frames: list[Frame]) -> None:
    os.truncate(log, frames[-1].page_offset + frames[-1].page_bytes // 2)


def _zero_last(log: Path, frames: list[Frame]) -> None:
    _zero(log, frames[-1])


def _zero_middle(log: Path, frames: list[Frame]) -> None:
    _zero(log, frames[len(frames) // 2])


def _zero(log: Path, frame: Frame) -> None:
    with log.open("r+b") as file:
        file.seek(frame.page_offset)
        file.write(bytes(frame.page_bytes))


DAMAGES: Mapping[str, Callable[[Path, list[Frame]], None]] = {
    "a bit of the last page": _flip,
    "the last page cut in half": _cut,
    "the last page zeroed": _zero_last,
    "a page of the middle zeroed": _zero_middle,
}
