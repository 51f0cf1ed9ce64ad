"""API Management's policy `cors`: what a page is told of the answers that it may read, preflights among them."""

from __future__ import annotations

from tests.e2e.azure.world.policies import Policies, attribute, texts
from tests.e2e.world.http import Asked, Headers


def cors(policies: Policies, asked: Asked) -> Headers:
    """What the answer has for a page of the request's origin, whatever is answered; nothing for one that may not."""
    policy = next((each for each in policies.section("inbound") if each.tag == "cors"), None)
    origin = asked.header("Origin")
    if policy is None or not origin or not {"*", origin} & set(texts(policy, "allowed-origins/origin")):
        return ()
    headers = [("Access-Control-Allow-Origin", origin)]
    if asked.method == "OPTIONS":
        wanted = asked.header("Access-Control-Request-Method")
        if wanted not in texts(policy, "allowed-methods/method"):
            return ()
        headers += [
            ("Access-Control-Allow-Methods", ", ".join(texts(policy, "allowed-methods/method"))),
            ("Access-Control-Allow-Headers", ", ".join(texts(policy, "allowed-headers/header"))),
            ("Access-Control-Max-Age", attribute(policy, "allowed-methods", "preflight-result-max-age")),
        ]
    else:
        headers.append(("Access-Control-Expose-Headers", ", ".join(texts(policy, "expose-headers/header"))))
    return tuple(headers)
