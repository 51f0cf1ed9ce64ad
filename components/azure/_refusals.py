"""What API Management itself refuses, as the problem documents that the function would have answered with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

from functions.api import problems
from functions.api.problems import CONTENT_TYPE, ProblemType

REALM = 'Bearer realm="orderly"'


def on_error() -> Element:
    section = Element("on-error")
    SubElement(section, "base")
    choose = SubElement(section, "choose")
    unverified = SubElement(choose, "when", {"condition": '@(context.LastError.Source == "validate-jwt")'})
    unverified.append(
        problem(
            problems.UNAUTHORIZED,
            "send a token of the issuer that has not expired: Authorization: Bearer <token>",
            {"WWW-Authenticate": REALM},
        )
    )
    limited = SubElement(choose, "when", {"condition": '@(context.LastError.Reason == "RateLimitExceeded")'})
    limited.append(
        problem(
            problems.TOO_MANY_REQUESTS,
            "more requests arrive than are let through; send it again after a pause",
            {"Retry-After": "1"},
        )
    )
    missing = SubElement(choose, "when", {"condition": '@(context.LastError.Reason == "OperationNotFound")'})
    missing.append(problem(problems.NOT_FOUND, "the API has no such path, or none for this method", {}))
    SubElement(choose, "otherwise").append(
        problem(
            problems.UNAVAILABLE,
            "the request was not answered; send it again, with the same Idempotency-Key if it has one",
            {"Retry-After": "1"},
        )
    )
    return section


def problem(kind: ProblemType, detail: str, headers: Mapping[str, str]) -> Element:
    answer = Element("return-response")
    SubElement(answer, "set-status", {"code": str(kind.status), "reason": kind.title})
    told = {
        "Content-Type": CONTENT_TYPE,
        "Cache-Control": "no-store",
        "X-Request-Id": "@(context.RequestId.ToString())",
    }
    for name, value in {**told, **headers}.items():
        SubElement(SubElement(answer, "set-header", {"name": name, "exists-action": "override"}), "value").text = value
    body = {"type": kind.uri, "title": kind.title, "status": kind.status, "detail": detail}
    SubElement(answer, "set-body").text = json.dumps(body)
    return answer
