"""The order saga: each step and its compensation, one line each. Every target runs this one definition."""

from __future__ import annotations

from components.saga.definition import PERSISTENT, Compensation, Parallel, Retry, Saga, Step

THRICE = Retry(attempts=3, interval_seconds=2, factor=2)
TIMEOUT_SECONDS = 30


def _step(name: str, *, undo: str | None = None, retry: Retry = THRICE, rejects: bool = False) -> Step:
    """A step whose task has its name."""
    return Step(
        name=name,
        task=name,
        timeout_seconds=TIMEOUT_SECONDS,
        retry=retry,
        compensation=Compensation(task=undo, timeout_seconds=TIMEOUT_SECONDS) if undo else None,
        rejects=rejects,
    )


ORDER_SAGA = Saga(
    name="order",
    nodes=(
        _step("validate-order", rejects=True),
        _step("reserve-inventory", undo="release-inventory"),
        _step("process-payment", undo="refund-payment"),
        Parallel(
            name="fulfilment",
            branches=(
                (_step("commit-inventory", undo="restock"),),
                (_step("send-confirmation"),),
                (_step("notify-warehouse", undo="cancel-shipment"),),
            ),
        ),
        # Everything is done and paid: completing is retried for long rather than undone.
        _step("complete-order", retry=PERSISTENT),
    ),
    on_rejected="reject-order",
    on_failed="fail-order",
)
