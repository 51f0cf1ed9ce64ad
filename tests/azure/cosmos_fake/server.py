"""The calls of Cosmos DB's REST that the fake answers, over a real socket."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.adapters.azure.layout import CONSISTENCY, CONTAINERS, Container
from tests.azure.cosmos_fake import limits
from tests.azure.cosmos_fake.indexes import check_indexes, plan
from tests.azure.cosmos_fake.refusals import CROSS_PARTITION, RefusedError, invalid, unimplemented
from tests.azure.cosmos_fake.sql import Query, parse
from tests.azure.cosmos_fake.store import ACTIONS, Changed, Store
from tests.azure.loopback_clients import token_for
from tests.azure.serving import Answer, Request, Serving, answer

OK, MULTI_STATUS, NOT_MODIFIED, UNAUTHORIZED, BAD_REQUEST = 200, 207, 304, 401, 400
SIGNED = f"type=aad&ver=1.0&sig={token_for('https://127.0.0.1/.default')}"
RANGES = (("0", "", "7F"), ("1", "7F", "FF"))
"""The physical partitions: an id, and the first and last hash of what lies there."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a call is answered with in the place of its result, or by hanging up; `after` it was done all the same."""

    call: str
    status: int | None
    after: bool = False
    retry_after_milliseconds: int = 0


class CosmosFake(Serving):
    """Entered, it serves every database's name on a free port of this machine, and all of them are one."""

    def __init__(self, containers: Sequence[Container] = CONTAINERS) -> None:
        self.store = Store(containers)
        self.faults: deque[Fault] = deque()
        self.calls: list[str] = []
        """Those that are about items, in order: Read, Query, Plan, Batch."""
        self.actions: set[tuple[str, str]] = set()
        """What a role has to allow for them: the container, and the action on it."""
        self._watchers: list[Callable[[Request, Answer], object]] = []
        self.most_at_once = 1000
        """Items of one answer to a query, however many are asked for."""

    @property
    def endpoint(self) -> str:
        """As the client is told it."""
        return f"{self.url.replace('http://', 'https://')}/"

    def listen(self, listener: Callable[[Changed], object]) -> None:
        """Tell of each item that is written from now on, in the order of the batches, before they are answered."""
        self.store.listen(listener)

    def watch(self, watcher: Callable[[Request, Answer], object]) -> None:
        """Tell of each call that is answered from now on, before its answer is sent."""
        self._watchers.append(watcher)

    def fail_next(
        self, call: str, status: int | None, *, after: bool = False, retry_after_milliseconds: int = 0
    ) -> None:
        """The next such call that has no fault before it; without a status, the line is cut."""
        self.faults.append(
            Fault(call=call, status=status, after=after, retry_after_milliseconds=retry_after_milliseconds)
        )

    def answer_to(self, request: Request) -> Answer | None:
        if request.headers.get("authorization") != SIGNED:
            return answer(UNAUTHORIZED, {"code": "Unauthorized", "message": "the token is not for this account"})
        with self.store.lock:
            try:
                answered = self._routed(request)
            except RefusedError as refused:
                answered = _refusal(refused)
            if answered:
                for watcher in self._watchers:
                    watcher(request, answered)
            return answered

    def _routed(self, request: Request) -> Answer | None:
        match request.method, request.segments:
            case "GET", [""]:
                return answer(OK, self._account())
            case "GET", ["dbs", _, "colls", name]:
                return answer(OK, _described(self.store.container(name)))
            case "GET", ["dbs", _, "colls", _, "pkranges"]:
                return _ranges(request)
            case "GET", ["dbs", _, "colls", name, "docs", id_]:
                container = self.store.container(name)
                return self._call("Read", lambda: self._read(container, id_, request))
            case "POST", ["dbs", _, "colls", name, "docs"]:
                return self._posted(self.store.container(name), request)
        raise unimplemented(f"{request.method} {request.path}")

    def _posted(self, container: Container, request: Request) -> Answer | None:
        if request.headers.get("x-ms-cosmos-is-batch-request") == "True":
            return self._call("Batch", lambda: self._batch(container, request))
        if request.headers.get("x-ms-cosmos-is-query-plan-request") == "True":
            return self._call("Plan", lambda: answer(OK, plan(_query(container, request))))
        if request.headers.get("x-ms-documentdb-isquery") == "true":
            return self._call("Query", lambda: self._answer_query(container, request))
        raise unimplemented("a write outside of a batch")

    def _call(self, name: str, do: Callable[[], Answer]) -> Answer | None:
        self.calls.append(name)
        fault = next((each for each in self.faults if each.call == name), None)
        if fault is None:
            return do()
        self.faults.remove(fault)
        if fault.after:
            do()
        if fault.status is None:
            return None
        headers = {"x_ms_retry_after_ms": str(fault.retry_after_milliseconds)}
        return answer(
            fault.status, {"code": str(fault.status), "message": "a fault that the test asked for"}, **headers
        )

    def _read(self, container: Container, id_: str, request: Request) -> Answer:
        self.actions.add((container.name, "items/read"))
        item = self.store.get(container, _partition(request), id_)
        return answer(OK, item, etag=item["_etag"])

    def _batch(self, container: Container, request: Request) -> Answer:
        operations = json.loads(request.body)
        limits.check_batch(operations, len(request.body))
        if request.headers.get("x-ms-cosmos-batch-atomic") != "True":
            raise unimplemented("a batch whose operations are done one by one")
        verbs = {each["operationType"] for each in operations}
        if unknown := verbs - ACTIONS.keys():
            raise unimplemented(f"a batch that is to {', '.join(sorted(unknown))}")
        self.actions |= {(container.name, ACTIONS[verb]) for verb in verbs}
        results = self.store.batch(container, _partition(request), operations)
        is_done = all(each["statusCode"] < BAD_REQUEST for each in results)
        return answer(OK if is_done else MULTI_STATUS, results)

    def _answer_query(self, container: Container, request: Request) -> Answer:
        self.actions.add((container.name, "executeQuery"))
        query, headers = _query(container, request), request.headers
        is_asked_for = _scope(headers)
        found = query.run([item for partition, item in self.store.all(container) if is_asked_for(partition)])
        begin = int(headers.get("x-ms-continuation", 0))
        end = begin + min(int(headers.get("x-ms-max-item-count", self.most_at_once)), self.most_at_once)
        more = {"x_ms_continuation": str(end)} if end < len(found) else {}
        return answer(OK, {"_rid": "rid", "Documents": found[begin:end], "_count": len(found[begin:end])}, **more)

    def _account(self) -> dict[str, Any]:
        here = [{"name": "West Europe", "databaseAccountEndpoint": self.endpoint}]
        return {
            "id": "fake",
            "_self": "",
            "_rid": "fake",
            "addresses": "//addresses/",
            "media": "//media/",
            "_dbs": "//dbs/",
            "writableLocations": here,
            "readableLocations": here,
            "enableMultipleWriteLocations": False,
            "userConsistencyPolicy": {"defaultConsistencyLevel": CONSISTENCY},
        }


def _described(container: Container) -> dict[str, Any]:
    return {
        "id": container.name,
        "_rid": f"rid-{container.name}",
        "_self": f"dbs/one/colls/{container.name}/",
        "partitionKey": {"paths": [container.partition_key], "kind": "Hash", "version": 2},
    }


def _ranges(request: Request) -> Answer:
    """The client comes again with the tag of this answer, to hear of what has changed since: nothing."""
    if "if-none-match" in request.headers:
        return Answer(status=NOT_MODIFIED, headers={"etag": '"1"'})
    ranges = [{"id": id_, "minInclusive": low, "maxExclusive": high, "parents": []} for id_, low, high in RANGES]
    return answer(OK, {"_rid": "rid", "PartitionKeyRanges": ranges, "_count": len(ranges)}, etag='"1"')


def _query(container: Container, request: Request) -> Query:
    sent = json.loads(request.body)
    query = parse(sent["query"], {each["name"]: each["value"] for each in sent.get("parameters", [])})
    check_indexes(query, container)
    return query


def _partition(request: Request) -> str:
    (partition,) = json.loads(request.headers["x-ms-documentdb-partitionkey"])
    limits.check_partition_key(partition)
    return str(partition)


def _scope(headers: Mapping[str, str]) -> Callable[[str], bool]:
    """Which partitions a query is for."""
    if "x-ms-documentdb-partitionkey" in headers:
        (only,) = json.loads(headers["x-ms-documentdb-partitionkey"])
        return lambda partition: partition == only
    if "x-ms-documentdb-partitionkeyrangeid" in headers:
        range_id = headers["x-ms-documentdb-partitionkeyrangeid"]
        return lambda partition: _range_of(partition) == range_id
    if headers.get("x-ms-documentdb-query-enablecrosspartition") != "True":
        raise invalid("Cross partition query is required but disabled.")
    message = "The provided cross partition query can not be directly served by the gateway."
    raise RefusedError(BAD_REQUEST, message, substatus=CROSS_PARTITION)


def _range_of(partition: str) -> str:
    first = hashlib.sha256(partition.encode()).hexdigest()[:2].upper()
    return next(id_ for id_, low, high in RANGES if low <= first and (first < high or high == "FF"))


def _refusal(refused: RefusedError) -> Answer:
    headers = {"x_ms_substatus": str(refused.substatus)} if refused.substatus else {}
    return answer(refused.status, {"code": str(refused.status), "message": str(refused)}, **headers)
