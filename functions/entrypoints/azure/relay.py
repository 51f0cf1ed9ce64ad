"""Cosmos DB's feed to the bus, in the feed's order: the trigger calls with documents that were written.

The feed has every document of the container, so what is no event's is passed over. What is said to be an event and
cannot be read is set apart at once. When the bus fails, the whole batch comes again, for ever: the trigger's retries
have no end, as a batch that had used them up would be passed over in silence. After PATIENCE tries the events that the
bus does not take are set apart one by one, so that one that it never takes does not hold up those behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from functions.adapters.azure import layout
from functions.codec import MalformedError, attribute_texts, decode_event, encode_event
from functions.domain.events import Event
from functions.entrypoints.azure.application import application
from functions.entrypoints.azure.dead_letters import Letter, Refuse, to_dead_letters
from functions.environment import Variable
from functions.services.relay_events import RelayEvents

PATIENCE = 60
"""Tries; with the trigger's waits, which grow to a minute, an hour or somewhat less."""

Document: TypeAlias = Mapping[str, object]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Relay:
    relay_events: RelayEvents
    high_value_minor: int
    refuse: Refuse = to_dead_letters

    def __call__(self, documents: Sequence[Document], *, attempt: int) -> None:
        """`attempt` is 1 at first. Raises a failure of the bus, so that all of them come again."""
        events = list(self._events(documents))
        try:
            self.relay_events(events)
        except Exception as error:
            logger.warning("events come again", exc_info=error, extra={"events": len(events), "attempt": attempt})
            if attempt < PATIENCE:
                raise
            self._one_by_one(events)

    def _events(self, documents: Sequence[Document]) -> Iterator[Event]:
        for document in documents:
            if document.get(layout.KIND) != layout.EVENT:
                continue
            try:
                yield _event(document)
            except MalformedError as error:
                logger.error("a document of the feed is no event", extra={"reason": str(error)})
                self.refuse(_found_at(document), f"{error.code}: {error}")

    def _one_by_one(self, events: Sequence[Event]) -> None:
        """What is set apart has the attributes that it has on the bus, so that it can be published there by hand."""
        for event in events:
            try:
                self.relay_events([event])
            except Exception as error:
                logger.error("an event could not be published for too long", exc_info=error)
                attributes = attribute_texts(event, self.high_value_minor)
                letter = Letter(id=event.id, body=encode_event(event), attributes=attributes)
                self.refuse(letter, f"{type(error).__name__}: {error}")


def relay(documents: Sequence[Document], *, attempt: int) -> None:
    app = application()
    relayed = Relay(relay_events=app.relay_events, high_value_minor=app.environment.integer(Variable.HIGH_VALUE_MINOR))
    relayed(documents, attempt=attempt)


def _event(document: Document) -> Event:
    body = document.get(layout.BODY)
    if not isinstance(body, str):
        raise MalformedError(f"the document has no text in {layout.BODY}")
    return decode_event(body.encode(errors="surrogatepass"))


def _found_at(document: Document) -> Letter:
    """What says where the document is: it stays there, and may be larger than a message."""
    where = {name: value for name, value in document.items() if name != layout.BODY}
    return Letter(id=str(document.get("id", "")), body=msgspec.json.encode(where))
