# What it is made of is installed for a run of the benchmark alone.
# mypy: ignore-errors
"""The API's route table on Powertools' resolver for HTTP APIs: to measure how long that takes to start.

It validates by pydantic, as the resolver does when asked to, and keeps no logs, traces or metrics, which ours does.
"""

from __future__ import annotations

from typing import Annotated, Any

import botocore.session
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from pydantic import BaseModel, ConfigDict, Field

client = botocore.session.Session().create_client("dynamodb")
app = APIGatewayHttpResolver(enable_validation=True)


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    sku: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    quantity: Annotated[int, Field(ge=1, le=1000)]
    unit_price_minor: Annotated[int, Field(ge=0, le=100_000_000)]


class PlaceOrder(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    items: Annotated[list[Item], Field(min_length=1, max_length=99)]
    payment_method: Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9_-]{0,63}$")]


class Receipt(BaseModel):
    order_id: str
    status: str


@app.post("/orders")
def place_order(order: PlaceOrder, idempotency_key: Annotated[str, Header()] = "") -> Receipt:
    client.put_item(TableName="orders", Item={"pk": {"S": idempotency_key}, "body": {"S": order.model_dump_json()}})
    return Receipt(order_id="", status="PLACED")


@app.get("/orders")
def list_orders(limit: Annotated[int, Query(ge=1, le=100)] = 20, status: str = "", cursor: str = "") -> list[Receipt]:
    client.query(TableName="orders", IndexName="gsi1", Limit=limit)
    return []


@app.get("/orders/<order_id>")
def show_order(order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get_item(TableName="orders", Key={"pk": {"S": order_id}})
    return found


@app.post("/orders/<order_id>/cancellation")
def cancel_order(order_id: str) -> Receipt:
    client.update_item(TableName="orders", Key={"pk": {"S": order_id}})
    return Receipt(order_id=order_id, status="CANCELLED")


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return app.resolve(event, context)
