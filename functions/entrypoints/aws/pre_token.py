"""Cognito's pre-token trigger, V2_0 or V3_0: an access token carries the tenant of its user.

The tenant is the user's attribute `custom:tenant`, which the pool lets nobody write but an administrator. A machine's
token (client credentials) has no user, and what its caller sends along as `clientMetadata` proves nothing: it gets no
tenant, and so no order.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from functions.api.tokens import TENANT
from functions.entrypoints.aws.observed import LambdaContext

ATTRIBUTE = "custom:tenant"
CLAIM = "tenant"
MACHINE = "TokenGeneration_ClientCredentials"

logger = logging.getLogger(__name__)


def pre_token(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The event itself with a response, as Cognito wants it."""
    tenant = _tenant(event)
    changes: dict[str, Any] = {"claimsToAddOrOverride": {CLAIM: tenant}} if tenant else {"claimsToSuppress": [CLAIM]}
    return {**event, "response": {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": changes}}}


def _tenant(event: dict[str, Any]) -> str | None:
    attributes = event["request"].get("userAttributes") or {}
    tenant = attributes.get(ATTRIBUTE)
    if event.get("triggerSource") == MACHINE or not isinstance(tenant, str) or not re.fullmatch(TENANT, tenant):
        logger.warning("a token without a tenant", extra={"trigger": event.get("triggerSource")})
        return None
    return tenant
