"""A tiny shop that the real run time runs: its functions note what they did in files, which a kill cannot take back."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from functions.api.messages import Request, Response
from local_runtime.client import BatchResult, Context, Entry, Message, Record, TaskCall, TaskOutcome


def note(context: Context, *words: str) -> None:
    with (Path(context.environment["NOTES"]) / f"{context.function}.log").open("a") as file:
        file.write(" ".join(words) + "\n")


def is_noted(context: Context, name: str) -> bool:
    """Whether the test has said so."""
    return (Path(context.environment["NOTES"]) / name).exists()


def wait_for(context: Context, name: str) -> None:
    """Hang until the test lets the function go on."""
    go = Path(context.environment["NOTES"]) / name
    while not go.exists():
        time.sleep(0.005)


def api(request: Request, context: Context) -> Response:
    if request.path == "/echo":
        document = {
            "method": request.method,
            "query": request.query,
            "headers": request.headers,
            "bytes": len(request.body),
        }
        return Response(status=200, headers={"Content-Type": "application/json"}, body=json.dumps(document).encode())
    if request.path == "/fail":
        raise ValueError("a secret of the inside")
    if request.path == "/hang":
        note(context, "hanging")
        wait_for(context, "api-may-go-on")
        return Response(status=200, body=b"done")
    place(request.body.decode(), context)
    return Response(status=202)


def place(order: str, context: Context) -> None:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO change_feed (body) VALUES (?)", (order.encode(),))

    context.client.write("shop", change)


def relay(records: Sequence[Record], context: Context) -> None:
    entries = [Entry(id=r.body.decode(), body=r.body, attributes={"type": "placed"}) for r in records]
    context.client.publish("bus/shop", entries)


def fulfil(messages: Sequence[Message], context: Context) -> BatchResult:
    for message in messages:
        note(context, message.id, str(message.receive_count))
        if message.id.startswith("slow-to-start"):
            wait_for(context, "fulfil-may-go-on")
        if message.id.startswith("poison") and not is_noted(context, "mended"):
            raise ValueError("cannot be read")
        context.client.start("order", message.id, {"order_id": message.id})
    return BatchResult()


def step(call: TaskCall, context: Context) -> TaskOutcome:
    note(context, call.run_id, call.task, str(call.attempt), str(os.getpid()))
    if call.run_id.startswith("cut") and call.task == call.run_id.removeprefix("cut-"):
        wait_for(context, "steps-may-go-on")
    return TaskOutcome()
