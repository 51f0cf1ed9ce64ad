"""The payment partner over HTTP. Its API is two calls, both idempotent by their Idempotency-Key header:

POST /charges {"order_id", "amount_minor", "currency", "method"} -> 200 or 201 {"payment_id"}: taken;
    402 {"message"?}: declined
POST /refunds {"charge_key"} -> 200 or 201 {"payment_id"}: given back; {"payment_id": null}: that key took nothing, and
    from now on never will

Both carry `Authorization: Bearer <API key>`. Calls that fail for the partner's reasons (5xx, silence, nonsense) count
towards a circuit breaker, so that an outage costs each order a moment and not every time limit in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
from msgspec import Meta

from functions import structs
from functions.adapters.http.client import HttpClient, Limits, Reply, UnreachableError
from functions.domain.errors import PaymentDeclinedError, PermanentError, RetryableError
from functions.domain.events import Json
from functions.ports import SecretStore

if TYPE_CHECKING:
    from pybreaker import CircuitBreaker

T = TypeVar("T", bound=msgspec.Struct)

FAILURES_UNTIL_OPEN = 5
OPEN_SECONDS = 30.0
_TRY_AGAIN = (408, 425, 429)
_GARBAGE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PaymentId = Annotated[str, Meta(min_length=1, max_length=128)]


class PaymentRefusedError(PermanentError):
    """The partner will never take this request: it and we disagree about the API."""

    code = "payment-refused"


class PaymentUnavailableError(RetryableError):
    """The partner cannot be asked now; the same call may go through later."""

    code = "payment-unavailable"


class _Charge(msgspec.Struct):
    payment_id: _PaymentId


class _Refund(msgspec.Struct):
    payment_id: _PaymentId | None


class _Decline(msgspec.Struct):
    message: Annotated[str, Meta(max_length=200)] = "the payment was declined"


class HttpPaymentGateway:
    """A functions.ports.PaymentGateway; `secret_name` names the API key in the secret store."""

    def __init__(
        self,
        url: str,
        secret_name: str,
        secrets: SecretStore,
        *,
        limits: Limits | None = None,
        open_seconds: float = OPEN_SECONDS,
    ) -> None:
        self._client = HttpClient(url, limits)
        self._secret_name = secret_name
        self._secrets = secrets
        self._open_seconds = open_seconds

    def charge(self, *, key: str, order_id: str, amount_minor: int, currency: str, method: str) -> str:
        body: dict[str, Json] = {
            "order_id": order_id,
            "amount_minor": amount_minor,
            "currency": currency,
            "method": method,
        }
        return self._ask("/charges", key, body, _Charge).payment_id

    def refund(self, *, key: str, charge_key: str) -> str | None:
        return self._ask("/refunds", key, {"charge_key": charge_key}, _Refund).payment_id

    def _ask(self, path: str, key: str, body: dict[str, Json], answer: type[T]) -> T:
        content = msgspec.json.encode(body)
        with self._guarded():
            reply = self._post(path, key, content)
            if reply.status == 401:
                reply = self._post(path, key, content, fresh_secret=True)
            self._require_success(reply)
            return _decoded(reply, answer)

    def _post(self, path: str, key: str, body: bytes, *, fresh_secret: bool = False) -> Reply:
        secret = self._secrets.get(self._secret_name, fresh=fresh_secret).strip()
        if not (secret.isascii() and secret.isprintable() and secret):
            # Said here, because the library's own complaint would quote the value.
            raise PaymentUnavailableError(
                f"secret {self._secret_name} is not an API key: it is empty or not visible ASCII"
            )
        return self._client.post(path, {"Authorization": f"Bearer {secret}", "Idempotency-Key": key}, body)

    def _require_success(self, reply: Reply) -> None:
        if reply.status in (200, 201):
            return
        if reply.status == 402:
            raise PaymentDeclinedError(_decline_message(reply))
        if reply.status == 401:
            raise PaymentUnavailableError(
                f"{self._client.host} refuses our API key; store a valid one in secret {self._secret_name}"
            )
        if 400 <= reply.status < 500 and reply.status not in _TRY_AGAIN:
            raise PaymentRefusedError(f"{self._client.host} answered {reply.status} to a request it should take")
        raise PaymentUnavailableError(f"{self._client.host} answered {reply.status}")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """`calling` and not `call`: that one holds a lock for the length of the call, so that charges queue up."""
        from pybreaker import CircuitBreakerError

        try:
            with self.breaker.calling():
                yield
        except CircuitBreakerError:
            raise PaymentUnavailableError(
                f"{self._client.host} kept failing and is left alone for {self._open_seconds:g} s"
            ) from None

    @cached_property
    def breaker(self) -> CircuitBreaker:
        """Of this process alone; others find out by themselves."""
        from pybreaker import CircuitBreaker

        return CircuitBreaker(
            fail_max=FAILURES_UNTIL_OPEN,
            reset_timeout=self._open_seconds,
            exclude=[PermanentError],
            throw_new_error_on_trip=False,
        )


def _decoded(reply: Reply, answer: type[T]) -> T:
    try:
        return structs.decode(reply.body, answer)
    except _GARBAGE:
        raise UnreachableError(f"the payment partner answered {reply.status} with what is not its API's JSON") from None


def _decline_message(reply: Reply) -> str:
    try:
        return structs.decode(reply.body, _Decline).message
    except _GARBAGE:
        return _Decline().message
