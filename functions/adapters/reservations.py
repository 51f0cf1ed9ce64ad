"""What a reservation of stock goes through on each cloud: it is reserved, then committed or released.

Committed may become restocked. `refused` is left behind by an undo that found nothing, so that what it was to undo
cannot happen later. In what units and phase are written together is the database's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import Enum, auto
from typing import TypeAlias

from functions.domain.errors import NotOpenError

HELD = ("reserved", "committed")
"""The phases in which an order has its units."""


class Movement(Enum):
    """Of units, between those on hand, reserved and sold."""

    RELEASE = auto()
    COMMIT = auto()
    RESTOCK = auto()


SIGNS: Mapping[Movement, Mapping[str, int]] = {
    Movement.RELEASE: {"available": 1, "reserved": -1},
    Movement.COMMIT: {"reserved": -1, "sold": 1},
    Movement.RESTOCK: {"available": 1, "sold": -1},
}
"""Which counts of an SKU a movement raises and lowers, for a database that adds."""
Moves: TypeAlias = Mapping[str, tuple[str, Movement]]
"""By phase, the phase after it and how units move on the way."""


class Reservations(ABC):
    """The part of a functions.ports.Inventory that begins once units are reserved."""

    def release(self, order_id: str) -> bool:
        return self._move(order_id, {"reserved": ("released", Movement.RELEASE)}) in ("reserved", "released")

    def commit(self, order_id: str) -> None:
        phase = self._move(order_id, {"reserved": ("committed", Movement.COMMIT)}, leave_refused=False)
        if phase not in HELD:
            raise NotOpenError(f"order {order_id} holds no units that could be sold: it is {phase or 'unknown'}")

    def restock(self, order_id: str) -> bool:
        """A reservation that was not committed is released, which is what would have come next."""
        moves = {"committed": ("restocked", Movement.RESTOCK), "reserved": ("released", Movement.RELEASE)}
        return self._move(order_id, moves) in ("committed", "restocked")

    @abstractmethod
    def _move(self, order_id: str, moves: Moves, *, leave_refused: bool = True) -> str | None:
        """Move the units by what `moves` says for the reservation's phase; the phase before, None if there was none.

        Then `leave_refused` says whether `refused` is left behind. Where an answer was lost the phase after may be told
        in place of the one before: it gives the same answers.
        """


def require_held(order_id: str, phase: str) -> None:
    """Raises NotOpenError for a reservation that was given back before it was made."""
    if phase not in HELD:
        raise NotOpenError(f"the reservation of order {order_id} was given back before it was made")
