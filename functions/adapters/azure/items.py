"""Items: reads, queries, and writes to one partition of a container that are done together or not at all.

A transaction here is a reading and a batch of writes whose conditions are what was read. A batch of one write is a
batch as well: what is refused is told in one way, and Cosmos DB charges the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError
from azure.cosmos import ContainerProxy
from azure.cosmos.exceptions import (
    CosmosBatchOperationError,
    CosmosClientTimeoutError,
    CosmosHttpResponseError,
    CosmosResourceNotFoundError,
)

from functions.adapters.attempts import paused
from functions.adapters.azure.clients import PASSING, TIMEOUT_SECONDS, AzureUnavailableError, NoTokenError

Result = TypeVar("Result")
Fields: TypeAlias = Mapping[str, Any]

ATTEMPTS = 8
"""Of a transaction: at every conflict one of those who met has gone through."""
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 1.0
MAX_AT_ONCE = 1000
"""Items of one answer to a query, of which there are as many as it takes."""

NOT_FOUND, CONFLICT, GONE, PRECONDITION_FAILED, RETRY_WITH = 404, 409, 410, 412, 449
PASSING_HERE = PASSING | {GONE}
"""For a while Cosmos DB has no partition where there was one: it is being moved."""


class ConflictError(Exception):
    """The condition of a write did not hold, or another was in its way. Nothing was written.

    `place` is that write's in the batch, or None if it was nobody's in particular.
    """

    def __init__(self, place: int | None, why: str) -> None:
        super().__init__(f"{'the batch' if place is None else f'write {place}'}: {why}")
        self.place = place


class ExistsError(ConflictError):
    """What was to be created is there already."""


class MissingError(ConflictError):
    """What was to be changed is not there."""


class ContentionError(AzureUnavailableError):
    """Others kept writing the same items."""

    code = "contention"


_REFUSED: Mapping[int, type[ConflictError]] = {
    CONFLICT: ExistsError,
    NOT_FOUND: MissingError,
    PRECONDITION_FAILED: ConflictError,
    # Cosmos DB met another write in the same moment, and asks for this one again; its client does not do that.
    RETRY_WITH: ConflictError,
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item as it was read; `etag` is another one after every write."""

    id: str
    fields: Fields
    etag: str

    def __getitem__(self, field: str) -> Any:  # noqa: ANN401 -- of whatever type the field is
        return self.fields[field]


@dataclass(frozen=True, kw_only=True)
class Write:
    """An operation of a batch, as the client takes it."""

    verb: str
    arguments: tuple[Any, ...]
    conditions: Mapping[str, str]

    def operation(self, partition: Fields) -> tuple[str, tuple[Any, ...], dict[str, str]]:
        """A whole item also says which partition it belongs to."""
        *ids, content = self.arguments
        placed = content if self.verb == "patch" else {**content, **partition}
        return self.verb, (*ids, placed), dict(self.conditions)


def create(id_: str, fields: Fields) -> Write:
    """Refused where the item is."""
    return Write(verb="create", arguments=({**fields, "id": id_},), conditions={})


def replace(id_: str, fields: Fields) -> Write:
    """Refused where there is none."""
    return Write(verb="replace", arguments=(id_, {**fields, "id": id_}), conditions={})


def change(item: Item, fields: Fields) -> Write:
    """The item with some fields set anew; refused if it is not still as it was read."""
    whole = {**item.fields, **fields, "id": item.id}
    return Write(verb="replace", arguments=(item.id, whole), conditions={"if_match_etag": item.etag})


def add(id_: str, amounts: Mapping[str, int], *, only_if: str | None = None) -> Write:
    """Add to numbers of an item, whatever they are by then; refused where there is none, or not such a one."""
    added = [{"op": "incr", "path": f"/{field}", "value": amount} for field, amount in amounts.items()]
    conditions = {"filter_predicate": f"from c where {only_if}"} if only_if else {}
    return Write(verb="patch", arguments=(id_, added), conditions=conditions)


@dataclass(frozen=True)
class Items:
    """One container, partitioned by the field `key`. What passes by itself is raised as AzureUnavailableError.

    It is opened when it is first used, since making the client is a call already, which may fail as all others.
    """

    open: Callable[[], ContainerProxy]
    key: str
    pause: Callable[[float], None] = time.sleep

    def get(self, partition: str, id_: str) -> Item | None:
        with _faults():
            try:
                return _item(self.open().read_item(id_, partition, timeout=TIMEOUT_SECONDS))
            except CosmosResourceNotFoundError as error:
                if error.sub_status:  # it is no item that is missed, but what should hold it
                    raise
                return None

    def get_all(self, partition: str, ids: Sequence[str]) -> dict[str, Item]:
        """Those items of a partition that there are, by id."""
        named = {f"id{place}": id_ for place, id_ in enumerate(ids)}
        places = ", ".join(f"@{name}" for name in named)
        found = self.find(partition, f"SELECT * FROM c WHERE c.id IN ({places})", named)  # noqa: S608
        return {item.id: item for item in map(_item, found)}

    def find(self, partition: str, query: str, values: Mapping[str, str], *, limit: int | None = None) -> list[Any]:
        """What a query selects in one partition, in its order. `@name` in it is the value of that name."""
        return self._query(query, values, limit, partition_key=partition)

    def find_everywhere(self, query: str, values: Mapping[str, str], *, limit: int) -> list[Any]:
        """The same in all partitions at once: a call for each physical one at least."""
        return self._query(query, values, limit, enable_cross_partition_query=True)

    def write(self, partition: str, writes: Sequence[Write]) -> list[Fields]:
        """All of 100 writes at most or none, and the items that they made; raises ConflictError."""
        operations = [write.operation({self.key: partition}) for write in writes]
        with _faults():
            results = self.open().execute_item_batch(operations, partition, timeout=TIMEOUT_SECONDS)
        return [result["resourceBody"] for result in results]

    def transact(self, work: Callable[[], Result]) -> Result:
        """Do work that reads, decides and writes what it decided on; after a conflict it does so anew.

        Raises ContentionError after ATTEMPTS conflicts. The work may have been done although it met a conflict, if the
        answer to its writes was lost: it has to see that when it reads.
        """
        for _ in paused(self.pause, ATTEMPTS, first=FIRST_WAIT_SECONDS, longest=LONGEST_WAIT_SECONDS):
            try:
                return work()
            except ConflictError:
                continue
        raise ContentionError(f"the same items were being written by others {ATTEMPTS} times")

    def _query(self, query: str, values: Mapping[str, str], limit: int | None, **where: Any) -> list[Any]:  # noqa: ANN401
        parameters: list[dict[str, object]] = [{"name": f"@{name}", "value": value} for name, value in values.items()]
        with _faults():
            pages = self.open().query_items(
                query,
                parameters=parameters,
                max_item_count=limit or MAX_AT_ONCE,
                timeout=TIMEOUT_SECONDS,
                **where,
            )
            return list(islice(pages, limit))


@contextmanager
def _faults() -> Iterator[None]:
    """Turn refusals into ConflictErrors, and what passes by itself into AzureUnavailableError."""
    try:
        yield
    except (CosmosHttpResponseError, CosmosBatchOperationError) as error:
        status, place = int(error.status_code or 0), getattr(error, "error_index", None)
        if status == RETRY_WITH or (place is not None and status in _REFUSED):
            raise _REFUSED[status](place, str(error.http_error_message)) from error
        if status in PASSING_HERE:
            raise AzureUnavailableError(f"Cosmos DB answered {status}") from error
        raise
    except ClientAuthenticationError as error:  # Cosmos DB's own 401 is another
        raise NoTokenError(error) from error
    except (CosmosClientTimeoutError, ServiceRequestError, ServiceResponseError) as error:
        raise AzureUnavailableError(f"Cosmos DB did not answer: {type(error).__name__}") from error


def _item(found: Mapping[str, Any]) -> Item:
    """Without what Cosmos DB itself notes of it."""
    fields = {name: value for name, value in found.items() if not name.startswith("_")}
    return Item(id=found["id"], fields=fields, etag=found["_etag"])
