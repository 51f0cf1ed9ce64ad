"""Which pages there are, and what of each changes while it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from console import views
from console.site import Site
from console.views import View


@dataclass(frozen=True, kw_only=True)
class Page:
    """`parts` change on it: each is a template of its own, and an event of the page's stream."""

    path: str
    name: str
    parts: tuple[str, ...]
    view: Callable[[Site, Request], View]


OVERVIEW = Page(path="", name="overview", parts=("alarms", "flow", "shares", "loops"), view=views.overview)
ORDERS = Page(path="/orders", name="orders", parts=("orders",), view=views.orders)
ORDER = Page(path="/orders/{order_id}", name="order", parts=("order_state", "track", "timeline"), view=views.order)
QUEUES = Page(path="/queues", name="queues", parts=("queues",), view=views.queues)
QUEUE = Page(path="/queues/{queue}", name="queue", parts=("queue_state", "letters"), view=views.queue)
FAULTS = Page(path="/faults", name="faults", parts=("armed",), view=views.faults)
PAGES = (OVERVIEW, ORDERS, ORDER, QUEUES, QUEUE, FAULTS)
