"""Events to EventBridge, each as a detail that is the event's own JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from functions.adapters.aws.clients import AwsClient, AwsUnavailableError, transient_faults
from functions.codec import encode_event
from functions.domain.events import Event

SOURCE = "orderly"
MAX_ENTRIES = 10
MAX_BYTES = 256 * 1024
"""Of one call of PutEvents: the sum over its entries of what AWS counts of each."""
_TIME_BYTES = 14


class EventsRefusedError(AwsUnavailableError):
    """EventBridge took only some of a call's events; the feed delivers all of them again."""

    code = "events-refused"


@dataclass(frozen=True)
class EventBridgeEvents:
    """A functions.ports.EventPublisher."""

    client: AwsClient
    bus: str

    def publish(self, events: Sequence[Event]) -> None:
        for entries in _calls([self._entry(event) for event in events]):
            with transient_faults(of="EventBridge"):
                answer = self.client.put_events(Entries=entries)
            if answer["FailedEntryCount"]:
                codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry})
                raise EventsRefusedError(
                    f"EventBridge refused {answer['FailedEntryCount']} of {len(entries)} events: {', '.join(codes)}"
                )

    def _entry(self, event: Event) -> dict[str, Any]:
        return {
            "Source": SOURCE,
            "DetailType": event.type.value,
            "Detail": encode_event(event).decode(),
            "Time": event.occurred_at,
            "EventBusName": self.bus,
        }


def _calls(entries: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The entries in their order, as many to a call as it takes."""
    call: list[dict[str, Any]] = []
    size = 0
    for entry in entries:
        more = _size(entry)
        if call and (len(call) == MAX_ENTRIES or size + more > MAX_BYTES):
            yield call
            call, size = [], 0
        call.append(entry)
        size += more
    if call:
        yield call


def _size(entry: dict[str, Any]) -> int:
    return _TIME_BYTES + sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))
