"""Failures carry their consequence in the type.

OrderError
├── PermanentError            never retried; a saga compensates, an API answers 4xx, a queue dead-letters
│   ├── RejectedError         the order breaks a rule of the shop
│   ├── NotOpenError          the order has ended, or was cancelled, before this change
│   ├── NotCancellableError   payment has begun, or the order has ended
│   ├── OutOfStockError
│   ├── PaymentDeclinedError
│   ├── NotFoundError         no such order for this tenant
│   └── KeyReusedError        an idempotency key came back with another body
└── RetryableError            the caller retries: redelivery and saga retries are the platform's job
    └── VersionConflictError  somebody else appended to the order first
"""

from __future__ import annotations

from typing import ClassVar


class OrderError(Exception):
    """A failure with a stable `code` that APIs, sagas and alarms can match on."""

    code: ClassVar[str] = "order-error"


class PermanentError(OrderError):
    code = "permanent"


class RejectedError(PermanentError):
    code = "rejected"


class NotOpenError(PermanentError):
    code = "not-open"


class NotCancellableError(PermanentError):
    code = "not-cancellable"


class OutOfStockError(PermanentError):
    code = "out-of-stock"


class PaymentDeclinedError(PermanentError):
    code = "payment-declined"


class NotFoundError(PermanentError):
    code = "not-found"


class KeyReusedError(PermanentError):
    code = "idempotency-key-reused"


class RetryableError(OrderError):
    code = "retryable"


class VersionConflictError(RetryableError):
    code = "version-conflict"
