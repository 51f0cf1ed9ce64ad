"""The order saga: each step and its compensation, one line each. Every target runs this one definition."""

from __future__ import annotations

from components.saga.definition import PERSISTENT, Compensation, Parallel, Retry, Saga, Step

THRICE = Retry(attempts=3, interval_seconds=2, factor=2)


def _undo(task: str) -> Compensation:
    return Compensation(task=task)


ORDER_SAGA = Saga(
    name="order",
    nodes=(
        Step(name="validate-order", task="validate-order", rejects=True, retry=THRICE),
        Step(name="reserve-inventory", task="reserve-inventory", retry=THRICE, compensation=_undo("release-inventory")),
        Step(name="process-payment", task="process-payment", retry=THRICE, compensation=_undo("refund-payment")),
        Parallel(
            name="fulfilment",
            branches=(
                (Step(name="commit-inventory", task="commit-inventory", retry=THRICE, compensation=_undo("restock")),),
                (Step(name="send-confirmation", task="send-confirmation", retry=THRICE),),
                (
                    Step(
                        name="notify-warehouse",
                        task="notify-warehouse",
                        retry=THRICE,
                        compensation=_undo("cancel-shipment"),
                    ),
                ),
            ),
        ),
        # Everything is done and paid: completing is retried for long rather than undone.
        Step(name="complete-order", task="complete-order", retry=PERSISTENT),
    ),
    on_rejected="reject-order",
    on_failed="fail-order",
)
