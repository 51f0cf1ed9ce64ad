"""What schemathesis cannot read from the document, told to it: where data that fits is refused all the same, and what
more each answer owes.

The interpreter of .engines/schemathesis runs this, as its hooks; ALLOWED_SCOPE is what the token that it sends allows.
"""

from __future__ import annotations

import json
import os
from typing import Any

import schemathesis  # type: ignore[import-not-found]  # it lives in an environment of its own

OWED = {401: "www-authenticate", 403: "www-authenticate", 405: "allow", 429: "retry-after", 503: "retry-after"}
ALLOWED = os.environ["ALLOWED_SCOPE"].split()
REFUSALS = (401, 403) if ALLOWED else (401,)


@schemathesis.hook  # type: ignore[untyped-decorator]
def map_case(context: object, case: Any) -> Any:  # noqa: ANN401 -- see the import
    """Mends only what was meant to be valid. JSON Schema knows no list that is unique by one of its fields and takes
    4.0 for a whole number, and a cursor that fits its pattern may still be none that this API gave.
    """
    if case.meta is not None and case.meta.generation.mode.is_positive:
        if isinstance(case.body, dict) and isinstance(case.body.get("items"), list):
            case.body["items"] = list({item["sku"]: _whole(item) for item in case.body["items"]}.values())
        if isinstance(case.query, dict):
            case.query.pop("cursor", None)
    return case


def _whole(item: dict[str, Any]) -> dict[str, Any]:
    return {name: int(value) if isinstance(value, float) else value for name, value in item.items()}


@schemathesis.check  # type: ignore[untyped-decorator]
def a_failure_is_a_problem_document(context: object, response: Any, case: Any) -> None:  # noqa: ANN401
    """With the request's id, the header that its status calls for, and nothing of our inside."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.headers
    document = json.loads(response.content)
    assert document["status"] == response.status_code, document
    assert document["instance"] == f"urn:orderly:request:{response.headers['x-request-id'][0]}", document
    assert OWED.get(response.status_code, "content-type") in response.headers, response.headers
    assert "Traceback" not in response.text, response.text


@schemathesis.check  # type: ignore[untyped-decorator]
def a_token_allows_what_it_names(context: object, response: Any, case: Any) -> None:  # noqa: ANN401
    """What needs a scope that the token has not is refused, unless its path or method leads nowhere; anybody may ask
    which methods a path takes.
    """
    security = case.operation.definition.raw["security"]
    is_allowed = not security or security[0]["token"][0] in ALLOWED or case.method == "OPTIONS"
    assert is_allowed or response.status_code in (*REFUSALS, 404, 405), response.status_code
