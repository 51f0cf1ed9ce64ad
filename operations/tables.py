"""What an operator is shown, as columns and rows of plain text; how wide the terminal is matters elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.codec import moment_text
from functions.domain.events import Event
from functions.domain.order import Order
from operations.plain import plain
from operations.ports import Attempt, DeadLetter, QueueState, SagaRun


@dataclass(frozen=True, kw_only=True)
class Table:
    """Every cell is harmless; a column keeps its name and its place from version to version."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def of_orders(orders: Sequence[Order]) -> Table:
    return _table(
        "orders",
        ("order", "tenant", "status", "total_minor", "currency", "placed_at", "reason"),
        (
            (o.order_id, o.tenant, o.status, o.total_minor, o.currency, moment_text(o.placed_at), o.reason or "")
            for o in orders
        ),
    )


def of_events(events: Sequence[Event]) -> Table:
    return _table(
        "timeline",
        ("version", "event", "occurred_at", "details"),
        ((event.version, event.type, moment_text(event.occurred_at), _details(event)) for event in events),
    )


def of_run(run: SagaRun) -> Table:
    return _table("saga", ("status", "not_undone", "reason"), [(run.status, " ".join(run.uncompensated), run.reason)])


def of_attempts(attempts: Sequence[Attempt]) -> Table:
    return _table(
        "attempts",
        ("step", "phase", "attempt", "began_at", "seconds", "ending", "code", "message"),
        (
            (
                a.step,
                a.phase,
                a.number,
                moment_text(a.began_at),
                _seconds(a),
                a.ending or "under way",
                a.code,
                a.message,
            )
            for a in attempts
        ),
    )


def of_queues(states: Sequence[QueueState]) -> Table:
    return _table(
        "queues",
        ("queue", "depth", "age_seconds", "dead_letters"),
        ((state.queue, state.depth, f"{state.age_seconds:.1f}", state.dead_letters) for state in states),
    )


def of_dead_letters(letters: Sequence[DeadLetter]) -> Table:
    return _table(
        "dead letters",
        ("queue", "id", "receives", "died_at", "reason"),
        ((each.queue, each.id, each.receive_count, moment_text(each.died_at), each.reason) for each in letters),
    )


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str | int, ...]]) -> Table:
    return Table(title=title, columns=columns, rows=tuple(tuple(plain(str(cell)) for cell in row) for row in rows))


def _details(event: Event) -> str:
    """Those of the first event are the order's own, which is shown above."""
    return json.dumps(dict(event.details)) if event.details and event.version > 1 else ""


def _seconds(attempt: Attempt) -> str:
    return f"{(attempt.ended_at - attempt.began_at).total_seconds():.3f}" if attempt.ended_at else ""
