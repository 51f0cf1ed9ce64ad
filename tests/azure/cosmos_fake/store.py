"""Items, and the batches that change them: one after the other, each whole or not at all."""

from __future__ import annotations

import copy
import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from functions.adapters.azure.layout import CONTAINERS, Container
from tests.azure.cosmos_fake import limits
from tests.azure.cosmos_fake.refusals import (
    CONFLICT,
    NOT_FOUND,
    PRECONDITION_FAILED,
    RefusedError,
    invalid,
    unimplemented,
)
from tests.azure.cosmos_fake.sql import Item, condition

Key: TypeAlias = tuple[str, str]
"""Of an item in its container: the partition's, and the item's id."""
Operation: TypeAlias = Mapping[str, Any]
FAILED_DEPENDENCY = 424
STATUSES = {"Create": 201, "Replace": 200, "Patch": 200}
ACTIONS = {"Create": "items/create", "Replace": "items/replace", "Patch": "items/replace"}


@dataclass(frozen=True, kw_only=True)
class Changed:
    """An item as the change feed reports it."""

    container: str
    partition: str
    item: Item


class Store:
    """One database. Whoever reads or writes holds `lock`; listeners are told inside of it, in the order of batches."""

    def __init__(self, containers: Sequence[Container] = CONTAINERS) -> None:
        self.lock = threading.RLock()
        self.now = 1_767_355_200
        """Seconds since 1970, which a test moves."""
        self.containers: Mapping[str, Container] = {each.name: each for each in containers}
        self._items: dict[str, dict[Key, Item]] = {name: {} for name in self.containers}
        self._listeners: list[Callable[[Changed], object]] = []
        self._numbers = itertools.count(1)

    def listen(self, listener: Callable[[Changed], object]) -> None:
        with self.lock:
            self._listeners.append(listener)

    def container(self, name: str) -> Container:
        try:
            return self.containers[name]
        except KeyError:
            raise RefusedError(NOT_FOUND, f"Resource Not Found: {name}", substatus=1003) from None

    def get(self, container: Container, partition: str, id_: str) -> Item:
        item = self._items[container.name].get((partition, id_))
        if item is None or self._is_expired(container, item):
            raise RefusedError(NOT_FOUND, "Entity with the specified id does not exist in the system.")
        return item

    def all(self, container: Container) -> list[tuple[str, Item]]:
        """Every item with its partition, in the order in which they were first written."""
        return [
            (partition, item)
            for (partition, _), item in self._items[container.name].items()
            if not self._is_expired(container, item)
        ]

    def batch(self, container: Container, partition: str, operations: Sequence[Operation]) -> list[dict[str, Any]]:
        """The result of each; if one is refused, it says why and the others that it was that one."""
        limits.check_partition_key(partition)
        changed: dict[str, Item] = {}
        results = list[dict[str, Any]]()
        for operation in operations:
            try:
                item = self._after(container, partition, operation, changed)
            except RefusedError as refused:
                others: list[dict[str, Any]] = [{"statusCode": FAILED_DEPENDENCY, "requestCharge": 0}] * len(operations)
                others[len(results)] = {"statusCode": refused.status, "requestCharge": 1, "message": str(refused)}
                return others
            changed[item["id"]] = item
            status = STATUSES[operation["operationType"]]
            results.append(
                {"statusCode": status, "requestCharge": 1, "eTag": item["_etag"], "resourceBody": copy.deepcopy(item)}
            )
        self._apply(container, partition, changed)
        return results

    def _after(self, container: Container, partition: str, operation: Operation, changed: Mapping[str, Item]) -> Item:
        """The item as the operation makes it; those before it in the batch have been done for it."""
        verb, body = operation["operationType"], operation.get("resourceBody", {})
        id_ = body.get("id") if verb == "Create" else operation["id"]
        limits.check_id(id_)
        before = changed.get(id_) or self._find(container, partition, id_)
        if verb == "Create" and before:
            raise RefusedError(CONFLICT, "Entity with the specified id already exists in the system.")
        if verb != "Create" and not before:
            raise RefusedError(NOT_FOUND, "Entity with the specified id does not exist in the system.")
        if "ifMatch" in operation and before and before["_etag"] != operation["ifMatch"]:
            raise RefusedError(PRECONDITION_FAILED, "One of the specified pre-condition is not met")
        content = patched(before or {}, body) if verb == "Patch" else body
        return self._stored(container, partition, content)

    def _stored(self, container: Container, partition: str, content: Item) -> Item:
        key = container.partition_key.removeprefix("/")
        if content.get(key) != partition:
            raise invalid(f"PartitionKey extracted from document doesn't match the one specified in the header: {key}")
        limits.check_item(content)
        number = next(self._numbers)
        return {**content, "_rid": f"rid{number:08}", "_etag": f'"{number:08}"', "_ts": self.now}

    def _apply(self, container: Container, partition: str, changed: Mapping[str, Item]) -> None:
        for id_, item in changed.items():
            self._items[container.name][partition, id_] = item
            for listener in self._listeners:
                listener(Changed(container=container.name, partition=partition, item=copy.deepcopy(item)))

    def _find(self, container: Container, partition: str, id_: str) -> Item | None:
        try:
            return self.get(container, partition, id_)
        except RefusedError:
            return None

    def _is_expired(self, container: Container, item: Item) -> bool:
        ttl = item.get("ttl", -1)
        return bool(container.expires and ttl != -1 and item["_ts"] + ttl <= self.now)


def patched(before: Item, patch: Mapping[str, Any]) -> Item:
    """The item after operations that add to numbers; refused if it is not such a one as the patch is for."""
    if "condition" in patch and not condition(patch["condition"])(before):
        raise RefusedError(PRECONDITION_FAILED, "One of the specified pre-condition is not met")
    operations, after = patch["operations"], dict(before)
    if not 0 < len(operations) <= limits.MAX_PATCH_OPERATIONS:
        raise invalid(f"a patch may have {limits.MAX_PATCH_OPERATIONS} operations")
    for operation in operations:
        name = operation["path"].removeprefix("/")
        if operation["op"] != "incr" or "/" in name:
            raise unimplemented(f"the patch {operation}")
        if not isinstance(after.get(name, 0), int):
            raise invalid(f"{name} is no number to add to")
        after[name] = after.get(name, 0) + operation["value"]
    return after
