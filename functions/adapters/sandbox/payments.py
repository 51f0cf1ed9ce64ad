"""A payment partner that does what the order's payment method says: the same on every target, without a network.

sandbox-approve takes the money; sandbox-decline declines; sandbox-transient-N fails N times, then takes it;
sandbox-outage always fails; sandbox-slow takes it and fails all the same, once, as a partner does whose answer comes
too late. Any other method is declined.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from functions.adapters.sandbox.scripts import SandboxTransientError, fail_as_asked
from functions.domain.errors import PaymentDeclinedError
from functions.ports import Ledger

OUTAGE = "sandbox-outage"
SLOW = "sandbox-slow"
TRANSIENT = "sandbox-transient-"
_APPROVED = re.compile(f"sandbox-approve|{SLOW}|{TRANSIENT}[1-9][0-9]?")


@dataclass(frozen=True)
class SandboxPaymentGateway:
    """A functions.ports.PaymentGateway. What a charge came to is written once, by whoever comes first."""

    ledger: Ledger

    def charge(self, *, key: str, order_id: str, amount_minor: int, currency: str, method: str) -> str:
        if method == OUTAGE:
            raise SandboxTransientError(f"{OUTAGE} always fails")
        fail_as_asked([method], TRANSIENT, self.ledger, f"payment:{key}")
        payment_id = self._settled(key, method)
        if method == SLOW and self.ledger.count(f"payment:{key}:{SLOW}") == 1:
            raise SandboxTransientError(f"{SLOW} takes the money and answers too late")
        return payment_id

    def refund(self, *, key: str, charge_key: str) -> str | None:
        charged = self.ledger.record_once(_entry(charge_key), {"refused": "the payment was withdrawn"})
        payment_id = charged.get("payment_id")
        if not isinstance(payment_id, str):
            return None
        self.ledger.record_once(_refund(charge_key), {"key": key, "payment_id": payment_id})
        return payment_id

    def _settled(self, key: str, method: str) -> str:
        if _APPROVED.fullmatch(method):
            outcome = {"payment_id": "pay_" + hashlib.sha256(key.encode()).hexdigest()[:24]}
        else:
            outcome = {"refused": f"payment method {method} was declined"}
        settled = self.ledger.record_once(_entry(key), outcome)
        if "payment_id" not in settled:
            raise PaymentDeclinedError(str(settled["refused"]))
        if self.ledger.find(_refund(key)) is not None:
            raise PaymentDeclinedError("the payment was given back")
        return str(settled["payment_id"])


def _entry(charge_key: str) -> str:
    return f"charge:{charge_key}"


def _refund(charge_key: str) -> str:
    return f"refund:{charge_key}"
