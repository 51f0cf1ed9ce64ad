# What it is made of is installed for a run of the benchmark alone.
# mypy: ignore-errors
"""The API's routes in one function of functions-framework, as Google's guides write it: to measure how long that takes
to start.

It validates by pydantic, and keeps no logs, which ours does.
"""

from __future__ import annotations

from typing import Annotated

import flask
import functions_framework
from google.cloud import firestore
from pydantic import BaseModel, ConfigDict, Field, ValidationError

client = firestore.Client(database="orders")


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


@functions_framework.http
def api(request: flask.Request) -> flask.typing.ResponseReturnValue:
    match request.method, request.path.strip("/").split("/"):
        case "GET", ["health"]:
            return flask.Response('{"status":"ok"}', mimetype="application/json")
        case "POST", ["orders"]:
            return place_order(request)
        case "GET", ["orders"]:
            query = client.collection("orders").limit(int(request.args.get("limit", 20)))
            return {"orders": [found.to_dict() for found in query.stream()]}
        case "GET", ["orders", order_id]:
            return client.document(f"orders/{order_id}").get().to_dict() or flask.abort(404)
        case "POST", ["orders", order_id, "cancellation"]:
            client.document(f"orders/{order_id}").update({"status": "CANCELLED"})
            return Receipt(order_id=order_id, status="CANCELLED").model_dump(), 202
    return flask.abort(404)


def place_order(request: flask.Request) -> flask.typing.ResponseReturnValue:
    try:
        order = PlaceOrder.model_validate_json(request.data)
    except ValidationError as error:
        return error.json(), 400
    _, reference = client.collection("orders").add(order.model_dump())
    return Receipt(order_id=reference.id, status="PLACED").model_dump(), 202
