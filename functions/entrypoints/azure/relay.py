"""Cosmos DB's feed to the bus, in the feed's order: the trigger calls with documents that were written.

The feed has every document of the container, so what is no event's is passed over. When the bus fails, the whole batch
comes again, for ever: the trigger's retries have no end, as a batch that had used them up would be passed over in
silence. So an outage, or a right that is missing, costs time and no event. Two things are set apart, since they would
hold up those behind them: what is said to be an event and cannot be read, and, after PATIENCE tries, an event that the
bus itself refuses for good. Both are when the bus has taken all others, so that a batch that comes again adds nothing
to the dead letters.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from functions.adapters.azure import layout
from functions.adapters.azure.rest import RefusedError
from functions.codec import MalformedError, attribute_texts, decode_event, encode_event
from functions.domain.events import Event
from functions.entrypoints.azure.application import application
from functions.entrypoints.azure.dead_letters import MAX_BODY_BYTES, Letter, Refuse, cut, to_dead_letters
from functions.environment import Variable
from functions.services.relay_events import RelayEvents

PATIENCE = 60
"""Tries; with the trigger's waits, which grow to a minute, about an hour. It is longer if the instance ends meanwhile:
another one counts from the beginning."""
FOR_GOOD = (400, 413)
"""What Event Grid answers to an event that it never takes. Any other refusal is the deployment's, and can be mended."""
FOUND_BY = ("id", "tenant", "order_id", "_ts", "_etag")
"""What tells which document it is, and which version of it."""

Document: TypeAlias = Mapping[str, object]
Found: TypeAlias = tuple[Document, Event]
Apart: TypeAlias = tuple[Letter, str]
"""What is set apart, and the reason."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Relay:
    relay_events: RelayEvents
    high_value_minor: int
    refuse: Refuse = to_dead_letters

    def __call__(self, documents: Sequence[Document], *, attempt: int) -> None:
        """`attempt` is 1 at first. Raises whatever may pass, so that all of them come again."""
        found, unreadable = _read(documents)
        try:
            for letter, reason in unreadable + self._publish(found, attempt):
                logger.error("a document of the feed is set apart", extra={"document": letter.id, "reason": reason})
                self.refuse(letter, reason)
        except Exception as error:
            logger.warning("events come again", exc_info=error, extra={"events": len(found), "attempt": attempt})
            raise

    def _publish(self, found: Sequence[Found], attempt: int) -> list[Apart]:
        """Returns what the bus never takes: of events that it refuses together it is asked about each half."""
        try:
            self.relay_events([event for _, event in found])
        except RefusedError as error:
            if attempt < PATIENCE or error.status not in FOR_GOOD:
                raise
            if len(found) == 1:
                return [(self._letter(*found[0]), f"{type(error).__name__}: {error}")]
            half = len(found) // 2
            return self._publish(found[:half], attempt) + self._publish(found[half:], attempt)
        return []

    def _letter(self, document: Document, event: Event) -> Letter:
        """It has the attributes that the event has on the bus, so that it can be published there by hand."""
        body = encode_event(event)
        return Letter(
            id=event.id,
            body=body if len(body) <= MAX_BODY_BYTES else msgspec.json.encode(_where(document)),
            attributes=attribute_texts(event, self.high_value_minor),
        )


def relay(documents: Sequence[Document], *, attempt: int) -> None:
    app = application()
    relayed = Relay(relay_events=app.relay_events, high_value_minor=app.environment.integer(Variable.HIGH_VALUE_MINOR))
    relayed(documents, attempt=attempt)


def _read(documents: Sequence[Document]) -> tuple[list[Found], list[Apart]]:
    """The events, and what should be one and is none."""
    found: list[Found] = []
    unreadable: list[Apart] = []
    for document in documents:
        if document.get(layout.KIND) != layout.EVENT:
            continue
        try:
            found.append((document, _event(document)))
        except MalformedError as error:
            where = _where(document)
            letter = Letter(id=where.get("id", ""), body=msgspec.json.encode(where))
            unreadable.append((letter, f"{error.code}: {error}"))
    return found, unreadable


def _event(document: Document) -> Event:
    body = document.get(layout.BODY)
    if not isinstance(body, str):
        raise MalformedError(f"the document has no text in {layout.BODY}")
    return decode_event(body.encode(errors="surrogatepass"))


def _where(document: Document) -> dict[str, str]:
    """In place of what is too large for a message, or may be: whatever is in the document, this can be sent."""
    told = {name: document[name] for name in FOUND_BY if isinstance(document.get(name), str | int | float)}
    return {name: cut(str(value)) for name, value in told.items()}
