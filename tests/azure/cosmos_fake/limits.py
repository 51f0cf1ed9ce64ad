"""What Cosmos DB refuses of ids, keys, items and batches (learn.microsoft.com/azure/cosmos-db/concepts-limits)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.azure.cosmos_fake.refusals import TOO_LARGE, RefusedError, invalid

MAX_ID_BYTES = 1023
MAX_PARTITION_KEY_BYTES = 2048
MAX_ITEM_BYTES = 2 * 1024 * 1024
MAX_BATCH_BYTES = 2 * 1024 * 1024
MAX_BATCH_OPERATIONS = 100
MAX_PATCH_OPERATIONS = 10
MAX_TTL = 2**31 - 1
ILLEGAL = "/\\?#"


def check_id(text: object) -> None:
    if not isinstance(text, str) or not text or len(text.encode()) > MAX_ID_BYTES:
        raise invalid(f"{text!r:.100} is no id: it is empty or longer than {MAX_ID_BYTES} bytes")
    if any(character in text for character in ILLEGAL) or text != text.rstrip():
        raise invalid(f"{text!r:.100} is no id: it holds one of {ILLEGAL} or ends with a blank")


def check_partition_key(text: object) -> None:
    if not isinstance(text, str) or len(text.encode()) > MAX_PARTITION_KEY_BYTES:
        raise invalid(f"{text!r:.100} is no partition key of ours: a text of {MAX_PARTITION_KEY_BYTES} bytes at most")


def check_item(item: Mapping[str, Any]) -> None:
    check_id(item.get("id"))
    ttl = item.get("ttl", -1)
    if ttl != -1 and not (isinstance(ttl, int) and 0 < ttl <= MAX_TTL):
        raise invalid(f"The ttl value {ttl} is not valid: it has to be a positive integer or -1")
    size = len(json.dumps(item, ensure_ascii=False).encode())
    if size > MAX_ITEM_BYTES:
        raise RefusedError(TOO_LARGE, f"Request size is too large: {size} bytes; {MAX_ITEM_BYTES} are the most")


def check_batch(operations: Sequence[object], size: int) -> None:
    if not 0 < len(operations) <= MAX_BATCH_OPERATIONS:
        raise invalid(f"Batch request has {len(operations)} operations; it may have 1 to {MAX_BATCH_OPERATIONS}")
    if size > MAX_BATCH_BYTES:
        raise RefusedError(TOO_LARGE, f"Batch request has {size} bytes; {MAX_BATCH_BYTES} are the most")
