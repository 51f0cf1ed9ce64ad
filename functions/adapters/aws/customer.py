"""The customers' inbox in DynamoDB."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from functions.adapters.aws.keys import single, text
from functions.adapters.aws.table import ConditionFailedError, Table, put_new


@dataclass(frozen=True)
class DynamoCustomer:
    """A functions.ports.Customer; a message with a known key is not told twice."""

    table: Table

    def tell(self, *, key: str, tenant: str, order_id: str, subject: str) -> None:
        message = {
            **single("message", key),
            "tenant": text(tenant),
            "order_id": text(order_id),
            "subject": text(subject),
        }
        with suppress(ConditionFailedError):
            self.table.write(put_new(message))
