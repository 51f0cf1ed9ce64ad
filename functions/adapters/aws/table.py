"""The table: reads that see every write, queries by the page, and writes that say what stood in their way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

from functions.adapters.attempts import paused
from functions.adapters.aws.clients import AwsClient, AwsUnavailableError, error_code, transient_faults
from functions.adapters.aws.keys import Item, text

MAX_ACTIONS = 100
"""Of one TransactWriteItems."""
MAX_BATCH = 100
"""Keys of one BatchGetItem."""
ATTEMPTS = 5
FIRST_WAIT_SECONDS = 0.05

_CONFLICTS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_CONDITION_FAILED = "ConditionalCheckFailed"


class ConditionFailedError(Exception):
    """The conditions of these writes, by their place in the transaction, did not hold, for these items were there.

    An item is empty where there was none. Nothing was written.
    """

    def __init__(self, found: Mapping[int, Item]) -> None:
        super().__init__(f"the condition of write {', '.join(map(str, found))} did not hold")
        self.found = found


class ContentionError(AwsUnavailableError):
    """Others kept writing the same items."""

    code = "contention"


@dataclass(frozen=True, kw_only=True)
class Write:
    """A PutItem or an UpdateItem, to be done alone or in a transaction; `only_if` is its condition."""

    verb: Literal["Put", "Update"]
    target: Mapping[str, object]
    only_if: str | None = None
    values: Item | None = None

    def request(self, table: str) -> dict[str, Any]:
        request: dict[str, Any] = {"TableName": table, **self.target}
        if self.only_if:
            request |= {"ConditionExpression": self.only_if, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        if self.values:
            request["ExpressionAttributeValues"] = self.values
        return request


def put(item: Item, *, only_if: str | None = None, values: Item | None = None) -> Write:
    return Write(verb="Put", target={"Item": item}, only_if=only_if, values=values)


def put_new(item: Item) -> Write:
    """Refused where the item is already."""
    return put(item, only_if="attribute_not_exists(pk)")


def update(key: Item, change: str, *, only_if: str | None = None, values: Item | None = None) -> Write:
    return Write(verb="Update", target={"Key": key, "UpdateExpression": change}, only_if=only_if, values=values)


@dataclass(frozen=True)
class Table:
    """One table of DynamoDB. Every method raises AwsUnavailableError for what passes by itself."""

    client: AwsClient
    name: str
    pause: Callable[[float], None] = time.sleep

    def get(self, key: Item) -> Item | None:
        with transient_faults(of="DynamoDB"):
            item: Item | None = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item")
        return item

    def get_all(self, keys: Sequence[Item]) -> Iterator[Item]:
        """Those of at most MAX_BATCH items that exist, in any order."""
        wanted: Sequence[Item] = keys
        for _ in self._attempts():
            with transient_faults(of="DynamoDB"):
                answer = self.client.batch_get_item(
                    RequestItems={self.name: {"Keys": list(wanted), "ConsistentRead": True}}
                )
            yield from answer["Responses"].get(self.name, [])
            wanted = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            if not wanted:
                return
        raise AwsUnavailableError(f"DynamoDB left {len(wanted)} items unread")

    def begins_with(self, partition: Item, prefix: str) -> Iterator[Item]:
        """A partition's items whose sort key begins so, in its order."""
        return self._query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": partition["pk"], ":prefix": text(prefix)},
            ConsistentRead=True,
        )

    def before(
        self, index: str, partition: str, position: str | None, *, newest_first: bool, page: int
    ) -> Iterator[Item]:
        """An index's items below a position of its sort key (None: all of them), fetched `page` at a time as needed.

        An index is written a moment after the table.
        """
        condition, values = f"{index}pk = :pk", {":pk": text(partition)}
        if position:
            condition, values = f"{condition} AND {index}sk < :position", values | {":position": text(position)}
        return self._query(
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ScanIndexForward=not newest_first,
            Limit=page,
        )

    def write(self, write: Write, *, returning: Literal["NONE", "UPDATED_NEW"] = "NONE") -> Item:
        """One write; raises ConditionFailedError. Gives what an update made of its attributes, if asked for that."""
        call = self.client.put_item if write.verb == "Put" else self.client.update_item
        try:
            with transient_faults(of="DynamoDB"):
                answer: Item = call(**write.request(self.name), ReturnValues=returning).get("Attributes", {})
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                in_the_way: Any = error.response.get("Item", {})
                raise ConditionFailedError({0: in_the_way}) from None
            raise
        return answer

    def transact(self, writes: Sequence[Write]) -> None:
        """All of at most MAX_ACTIONS writes or none; raises ConditionFailedError, and ContentionError after ATTEMPTS.

        A call that was done but whose answer was lost is answered as done: the client sends a token along.
        """
        actions = [{write.verb: write.request(self.name)} for write in writes]
        for _ in self._attempts():
            try:
                with transient_faults(of="DynamoDB"):
                    self.client.transact_write_items(TransactItems=actions)
            except ClientError as error:
                if not _is_conflict(error):
                    raise
            else:
                return
        raise ContentionError(f"{len(writes)} items of {self.name} were being written by others {ATTEMPTS} times")

    def _query(self, **request: object) -> Iterator[Item]:
        start: dict[str, object] = {}
        while True:
            with transient_faults(of="DynamoDB"):
                answer = self.client.query(TableName=self.name, **request, **start)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _attempts(self) -> Iterator[None]:
        return paused(self.pause, ATTEMPTS, first=FIRST_WAIT_SECONDS)


def _is_conflict(error: ClientError) -> bool:
    """True if the transaction may be tried again as it is; raises ConditionFailedError if a condition decided it."""
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
    failed = {
        place: reason.get("Item", {}) for place, reason in enumerate(reasons) if reason.get("Code") == _CONDITION_FAILED
    }
    if failed:
        raise ConditionFailedError(failed) from None
    codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
    return bool(codes) and codes <= _CONFLICTS
