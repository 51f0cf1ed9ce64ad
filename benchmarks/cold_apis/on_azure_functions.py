# What it is made of is installed for a run of the benchmark alone.
# mypy: ignore-errors
"""The API's routes as functions of the Python v2 model, as Microsoft's guides write them: to measure how long that
takes to start.

It validates by pydantic, and keeps no logs, which ours does.
"""

from __future__ import annotations

import json
import os
import uuid
from typing import Annotated

import azure.functions as func
from azure.cosmos import CosmosClient
from azure.cosmos.exceptions import CosmosResourceNotFoundError
from azure.identity import DefaultAzureCredential
from pydantic import BaseModel, ConfigDict, Field, ValidationError

client = CosmosClient(os.environ["COSMOS_ENDPOINT"], DefaultAzureCredential())
orders = client.get_database_client("orders").get_container_client("orders")
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


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


@app.route(route="health", methods=["GET"])
def health(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse('{"status":"ok"}', mimetype="application/json")


@app.route(route="orders", methods=["POST"])
def place_order(req: func.HttpRequest) -> func.HttpResponse:
    try:
        order = PlaceOrder.model_validate_json(req.get_body())
    except ValidationError as error:
        return func.HttpResponse(error.json(), status_code=400, mimetype="application/json")
    receipt = Receipt(order_id=str(uuid.uuid4()), status="PLACED")
    orders.create_item({"id": receipt.order_id, "status": receipt.status, **order.model_dump()})
    return func.HttpResponse(receipt.model_dump_json(), status_code=202, mimetype="application/json")


@app.route(route="orders/{order_id}", methods=["GET"])
def get_order(req: func.HttpRequest) -> func.HttpResponse:
    order_id = req.route_params["order_id"]
    try:
        found = orders.read_item(order_id, partition_key=order_id)
    except CosmosResourceNotFoundError:
        return func.HttpResponse(status_code=404)
    return func.HttpResponse(json.dumps(found), mimetype="application/json")


@app.route(route="orders", methods=["GET"])
def list_orders(req: func.HttpRequest) -> func.HttpResponse:
    limit = int(req.params.get("limit", 20))
    found = orders.query_items("SELECT * FROM c", enable_cross_partition_query=True, max_item_count=limit)
    return func.HttpResponse(json.dumps({"orders": list(found)}), mimetype="application/json")


@app.route(route="orders/{order_id}/cancellation", methods=["POST"])
def cancel_order(req: func.HttpRequest) -> func.HttpResponse:
    receipt = Receipt(order_id=req.route_params["order_id"], status="CANCELLED")
    change = [{"op": "set", "path": "/status", "value": receipt.status}]
    orders.patch_item(receipt.order_id, partition_key=receipt.order_id, patch_operations=change)
    return func.HttpResponse(receipt.model_dump_json(), status_code=202, mimetype="application/json")
