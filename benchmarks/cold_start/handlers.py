"""What all targets have in common: the handlers of an order, and whom each calls first."""

from __future__ import annotations

from collections.abc import Mapping

PORTS: Mapping[str, str] = {
    "api": "orders",
    "relay": "publisher",
    "fulfil": "workflow",
    "project_demand": "demand",
    "notify_customer": "customer",
    "archive_events": "archive",
    "order_tasks": "orders",
    "inventory_tasks": "inventory",
    "payment_tasks": "orders",
    "delivery_tasks": "customer",
    "cleanup": "orders",
}
"""The port that a handler's first event makes a client for; the others call nothing of their cloud's."""
