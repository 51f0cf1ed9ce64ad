"""Clients in a process of their own: they place orders and see each of them end. Run by load.py.

Reads a Plan as JSON from standard input and prints, as JSON, three moments of each order on the machine's monotonic
clock: when its request was to be sent, when it was answered, and when the order was seen to be FULFILLED. That is seen
in the database, by a reader that looks every 5 ms, so it is up to as much too late, and asks the system for nothing.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TypeAlias

LOOK_SECONDS = 0.005
PATIENCE_SECONDS = 60.0
IDLE_SECONDS = 5.0
"""A connection that rested longer is not used again: the system closes those that do for 15 s, at any moment."""
SKUS = 500
"""Enough for orders side by side to be for different things, as a rule."""
QUERY = (
    "SELECT order_id, status FROM orders WHERE order_id IN (SELECT value FROM json_each(?))"
    " AND status NOT IN ('PLACED', 'RESERVED', 'PAID')"
)
Moments: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """For `seconds`, either so many `users` who place the next order once their last one has ended, and one at least,
    or orders at `rate` a second, at random moments that do not depend on how the system keeps up.

    `seed` tells the processes of one load apart.
    """

    port: int
    token: str
    database: str
    seconds: float
    seed: int
    users: int = 0
    rate: float = 0.0

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class Connections:
    """Kept alive and used again, the last one first; as many as are needed at once."""

    def __init__(self, plan: Plan) -> None:
        self._port = plan.port
        self._head = (
            f"POST /orders HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nAuthorization: Bearer {plan.token}\r\n"
            "Content-Type: application/json\r\n"
        )
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def place(self, key: str, body: bytes) -> str:
        """The id of the order."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._placed(key, body)
        except TimeoutError:
            raise SystemExit(f"POST /orders was not answered within {PATIENCE_SECONDS:g} s") from None

    async def _placed(self, key: str, body: bytes) -> str:
        reader, writer = await self._taken()
        writer.write(f"{self._head}Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        answer = await reader.readexactly(int(head.partition("content-length: ")[2].split()[0]))
        self._idle.append((time.monotonic(), reader, writer))
        if " 202 " not in head[:16]:
            raise SystemExit(f"POST /orders was answered with {head.splitlines()[0]}: {answer.decode()}")
        return str(json.loads(answer)["order_id"])

    async def _taken(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            since, reader, writer = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS:
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)


class Watch:
    """Sees orders end."""

    def __init__(self, database: str) -> None:
        self._connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)
        self._open: dict[str, asyncio.Future[float]] = {}

    def end_of(self, order_id: str) -> Awaitable[float]:
        """The moment it was seen to be FULFILLED."""
        future = self._open[order_id] = asyncio.get_running_loop().create_future()
        return asyncio.wait_for(future, PATIENCE_SECONDS)

    async def look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._open:
                self._look()

    def _look(self) -> None:
        ended = self._connection.execute(QUERY, (json.dumps(list(self._open)),)).fetchall()
        now = time.monotonic()
        for order_id, status in ended:
            if status != "FULFILLED":
                raise SystemExit(f"order {order_id} ended as {status}")
            self._open.pop(order_id).set_result(now)


class Load:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._connections = Connections(plan)
        self._watch = Watch(plan.database)
        self._random = random.Random(plan.seed)  # noqa: S311 -- arrivals and goods, no secrets
        self._placed = 0
        self._moments: list[Moments] = []

    async def run(self) -> list[Moments]:
        looking = asyncio.create_task(self._watch.look_on())
        work = asyncio.create_task(self._work())
        done, _ = await asyncio.wait((looking, work), return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        return self._moments

    async def _work(self) -> None:
        end = time.monotonic() + self._plan.seconds
        if self._plan.users:
            await _all(self._plan.users, lambda: self._use(end))
        else:
            await self._arrive(end)

    async def _use(self, end: float) -> None:
        await self._order(time.monotonic())
        while (now := time.monotonic()) < end:
            await self._order(now)

    async def _arrive(self, end: float) -> None:
        """A request that is late, since this process was, counts from when it was to be sent."""
        async with asyncio.TaskGroup() as orders:
            due = time.monotonic() + self._random.expovariate(self._plan.rate)
            while due < end:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                orders.create_task(self._order(due))
                due += self._random.expovariate(self._plan.rate)

    async def _order(self, due: float) -> None:
        self._placed += 1
        order_id = await self._connections.place(f"{self._plan.seed}-{self._placed}", self._body())
        answered = time.monotonic()
        self._moments.append((due, answered, await self._watch.end_of(order_id)))

    def _body(self) -> bytes:
        sku = f"TEAPOT-{self._random.randrange(SKUS)}"
        items = [{"sku": sku, "quantity": 1, "unit_price_minor": 3499}]
        return json.dumps({"currency": "EUR", "payment_method": "sandbox-approve", "items": items}).encode()


async def _all(count: int, work: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(work() for _ in range(count)))


def main() -> None:
    print(json.dumps(asyncio.run(Load(Plan(**json.loads(sys.stdin.read()))).run())))


if __name__ == "__main__":
    main()
