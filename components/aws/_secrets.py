"""What other components need of a secret: the value, where AWS takes a value and no reference to one."""

from __future__ import annotations

import pulumi

from components.errors import WiringError
from components.secret import Secret


def value_of(secret: Secret) -> pulumi.Output[str]:
    """Marked secret: encrypted in the state wherever it goes."""
    found = getattr(secret, "_value", None)
    if not isinstance(found, pulumi.Output):
        raise WiringError(f"secret {secret.name} is not on AWS; make both from components.aws")
    return found
