"""SIGKILL at random moments, most of them drawn so that work is under way; and started again at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress

from chaos.campaign import Campaign
from chaos.errors import ChaosError
from chaos.rest import in_hand
from chaos.run_time import until

MOMENTS = {"after an answer": 5, "while it works": 3, "while it starts": 2}
"""How often each is drawn."""
AFTER_AN_ANSWER_SECONDS = 0.04
WHILE_IT_WORKS_SECONDS = 0.8
WHILE_IT_STARTS_SECONDS = 0.7
ANSWER_SECONDS = 2.0
"""How long to wait for an answer to kill it after: there may be none to come."""


class Kills:
    """A campaign.Harm."""

    def __init__(self, campaign: Campaign) -> None:
        self._random, self._clients = campaign.random, campaign.clients
        self._run_time, self._database = campaign.system.run_time, campaign.system.home.database
        self._killed = dict.fromkeys(MOMENTS, 0)
        self._at_work = 0

    def once(self) -> None:
        moment = self._random.choices(list(MOMENTS), list(MOMENTS.values()))[0]
        self._await(moment)
        self._run_time.kill()
        self._killed[moment] += 1
        self._at_work += in_hand(self._database) > 0
        self._run_time.spawn()

    def _await(self, moment: str) -> None:
        if moment == "while it starts":
            time.sleep(self._random.uniform(0, WHILE_IT_STARTS_SECONDS))
            return
        self._run_time.await_answer()
        if moment == "while it works":
            time.sleep(self._random.uniform(0, WHILE_IT_WORKS_SECONDS))
            return
        before = len(self._clients.told.accepted)
        with suppress(ChaosError):
            until(lambda: len(self._clients.told.accepted) > before, ANSWER_SECONDS, "an order is accepted")
        time.sleep(self._random.uniform(0, AFTER_AN_ANSWER_SECONDS))

    def heal(self) -> bool:
        return False

    def violations(self) -> list[str]:
        return []

    def figures(self) -> Mapping[str, object]:
        return {
            "kills": sum(self._killed.values()),
            **{f"kills {moment}": times for moment, times in self._killed.items()},
            "kills with work in hand": self._at_work,
        }
