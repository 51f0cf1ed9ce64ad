"""The operators' webhook: a JSON post, signed where a secret is given.

The receiver checks `X-Orderly-Signature: v1=<hex>` to be the HMAC-SHA256, by the shared secret, of the value of
`X-Orderly-Timestamp` (seconds since 1970), a dot and the body; refuses old timestamps; and takes each
`Idempotency-Key` once.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping

import msgspec

from functions.adapters.http.client import HttpClient, Limits
from functions.domain.errors import PermanentError, RetryableError
from functions.domain.events import Json
from functions.ports import SecretStore

_TRY_AGAIN = (408, 425, 429)


class WebhookRefusedError(PermanentError):
    """The receiver will never take this message."""

    code = "webhook-refused"


class WebhookUnavailableError(RetryableError):
    """The receiver did not take the message now."""

    code = "webhook-unavailable"


class Webhook:
    """A functions.ports.OpsChannel; `secret_name` None leaves messages unsigned."""

    def __init__(
        self,
        url: str,
        secret_name: str | None,
        secrets: SecretStore,
        *,
        limits: Limits | None = None,
        seconds: Callable[[], float] = time.time,
    ) -> None:
        self._client = HttpClient(url, limits)
        self._secret_name = secret_name
        self._secrets = secrets
        self._seconds = seconds

    def notify(self, *, key: str, message: Mapping[str, Json]) -> None:
        """A 4xx (but 408, 425, 429) raises WebhookRefusedError, any other failure a RetryableError."""
        body = msgspec.json.encode(message, order="sorted")
        status = self._client.post("", {"Idempotency-Key": key, **self._signature(body)}, body).status
        if 200 <= status < 300:
            return
        if 400 <= status < 500 and status not in _TRY_AGAIN:
            raise WebhookRefusedError(
                f"the webhook at {self._client.host} answered {status}: check its address and secret"
            )
        raise WebhookUnavailableError(f"the webhook at {self._client.host} answered {status}")

    def _signature(self, body: bytes) -> dict[str, str]:
        if self._secret_name is None:
            return {}
        timestamp = str(int(self._seconds()))
        signature = sign(self._secrets.get(self._secret_name), timestamp, body)
        return {"X-Orderly-Timestamp": timestamp, "X-Orderly-Signature": signature}


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """What the receiver computes too."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
