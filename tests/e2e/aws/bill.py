"""What one order asks of AWS, counted on the running system: benchmarks/cost prices it.

Orders go one after another, so that nothing shares a batch: at volume some of it does, and costs less. Nobody looks at
an order meanwhile. How often the branches of its run meet at it, and write it again, is chance. How each figure was
come by is said in COUNTED.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any
from urllib.request import urlopen

from components.system import QUEUES
from tests.e2e.api import ORDER_SECONDS, Api
from tests.e2e.aws.operating import Operator, name
from tests.e2e.counted import Counts, Recorded, per_order
from tests.engine.systems import until

COUNTED: Mapping[str, str] = {
    "api requests": "requests to the gateway's address: the one that places the order",
    "lambda invocations": "START lines of the functions' log groups",
    "log bytes": "of the functions' log groups, with the platform's own lines, at the level DEBUG",
    "state transitions": "states that ministack runs, those of branches too",
    "workflow tasks": "state transitions that call a function",
    "queue requests": (
        "messages that rules and subscriptions send, receives that find some, deletes of a batch; a receive that finds "
        "nothing is no order's"
    ),
    "events": "entries of PutEvents that the bus takes",
    "topic publishes": "by the bus's rule, once for each event",
    "objects written": "s3:PutObject that functions ask of ministack",
    "dynamodb write units": (
        "what ministack says that each write consumes: the item by its size before or after, twice in a transaction, "
        "and each index by what of the item is in it; one that its condition refuses, as the smallest"
    ),
    "dynamodb read units": "one for each 4 KiB of what is read consistently",
    "requests": "what functions ask of ministack, by action",
}


RECORDED = Recorded("aws", COUNTED)


def counted(api: Api, operator: Operator, orders: int) -> Counts:
    """Without what there was none of."""
    counts = per_order(lambda: _placed(api, operator), lambda: _so_far(operator), orders)
    return {what: count for what, count in counts.items() if count}


def _placed(api: Api, operator: Operator) -> str:
    """Once everything that the order leads to has happened."""
    order_id = api.place()
    until(lambda: f"{order_id}:fulfilled" in _ends(operator), seconds=ORDER_SECONDS)
    until(lambda: all(operator.queue(queue).is_empty() for queue in QUEUES))
    return order_id


def _ends(operator: Operator) -> set[str]:
    events: list[Any] = list(operator.archived().values())
    return {f"{event['order_id']}:{event['type'].removeprefix('order.')}" for event in events}


def _so_far(operator: Operator) -> Counter[str]:
    with urlopen(f"http://{operator.system.cloud.address}/_orderly/requests") as answer:
        requests = Counter(json.load(answer))
    lines = list(_log_lines(operator))
    starts = sum(line.startswith("START ") for line in lines)
    return requests + Counter({"lambda invocations": starts, "log bytes": sum(map(len, lines))})


def _log_lines(operator: Operator) -> Iterator[str]:
    logs = operator.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]
    sign_in = f"/aws/lambda/{name('function', 'issuer-pre-token')}"
    written = (operator.written(group["logGroupName"]) for group in groups if group["logGroupName"] != sign_in)
    return chain.from_iterable(written)
