"""`python -m demo --stack local`: after `pulumi up`, three orders over HTTP and the timeline of each.

Exit codes: 0 every order ended as it should, 1 one did not, 2 the system could not be reached.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from demo.errors import DemoError
from demo.orders import ORDERS, ExampleOrder
from demo.pages import show_opening, show_order, show_way_on
from demo.shop import Shop
from demo.stack import StackOutputs, read_outputs
from local_runtime.errors import RunTimeError
from local_runtime.home import Home
from local_runtime.issuer import mint

TENANT = "demo"
SCOPE = "orders:read orders:write"
TOKEN_MINUTES = 60
ORDER_SECONDS = 30.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo", description="Place three orders on a running system.")
    parser.add_argument("--stack", default="local", help="a stack of the target local that is up (default: local)")
    console = Console(highlight=False)
    try:
        return run(console, parser.parse_args().stack)
    except (DemoError, RunTimeError) as error:
        Console(stderr=True, highlight=False).print(f"demo: {error}", style="red", markup=False, soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        return 130


def run(console: Console, stack: str) -> int:
    outputs = read_outputs(stack)
    token = _token(outputs)
    shop = Shop(outputs.api_url, token)
    show_opening(console, outputs.api_url)
    placed = [(order, shop.place(order)) for order in ORDERS]
    ended = [_follow(console, shop, number, *each) for number, each in enumerate(placed, start=1)]
    show_way_on(console, outputs, token, minutes=TOKEN_MINUTES)
    return 0 if all(ended) else 1


def _token(outputs: StackOutputs) -> str:
    return mint(Home(Path(outputs.folder)).issuer, tenant=TENANT, scope=SCOPE, minutes=TOKEN_MINUTES)


def _follow(console: Console, shop: Shop, number: int, order: ExampleOrder, order_id: str) -> bool:
    """Show the order once it has ended; False if it has not, or not as expected."""
    seen = shop.await_end(order_id, seconds=ORDER_SECONDS)
    show_order(console, number, order, seen, seconds=ORDER_SECONDS)
    return seen.status == order.ends_as


if __name__ == "__main__":
    sys.exit(main())
