"""Every way in which a request fails, as an RFC 9457 problem document; nothing of the inside leaks into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from functions.api.bodies import FieldProblem, ProblemDocument
from functions.api.messages import Response
from functions.domain.errors import (
    KeyReusedError,
    NotCancellableError,
    NotFoundError,
    OrderError,
    PermanentError,
    RetryableError,
)

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True)
class ProblemType:
    """What a client's program can match on; a published code keeps its meaning for ever."""

    code: str
    status: int
    title: str

    @property
    def uri(self) -> str:
        return f"urn:orderly:problem:{self.code}"


INVALID_REQUEST = ProblemType("invalid-request", 400, "The request is not valid")
UNAUTHORIZED = ProblemType("unauthorized", 401, "A valid token is needed")
INSUFFICIENT_SCOPE = ProblemType("insufficient-scope", 403, "The token does not allow this")
NOT_FOUND = ProblemType("not-found", 404, "There is no such thing here")
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", 405, "The method does not fit the path")
CONFLICT = ProblemType("conflict", 409, "The order does not allow this")
NOT_CANCELLABLE = ProblemType("not-cancellable", 409, "The order can no longer be cancelled")
KEY_REUSED = ProblemType("idempotency-key-reused", 409, "The idempotency key was used for another order")
BODY_TOO_LARGE = ProblemType("body-too-large", 413, "The body is too large")
UNSUPPORTED_MEDIA_TYPE = ProblemType("unsupported-media-type", 415, "The body is not JSON")
TOO_MANY_REQUESTS = ProblemType("too-many-requests", 429, "Too many requests")
INTERNAL = ProblemType("internal", 500, "Something went wrong on our side")
UNAVAILABLE = ProblemType("unavailable", 503, "Not available for the moment")

_OF_DOMAIN_ERRORS: tuple[tuple[type[OrderError], ProblemType], ...] = (
    (NotFoundError, NOT_FOUND),
    (NotCancellableError, NOT_CANCELLABLE),
    (KeyReusedError, KEY_REUSED),
    (PermanentError, CONFLICT),
)


class ProblemError(Exception):
    """A request that ends in a problem document; `detail` is shown to the caller, so it quotes nothing unchecked."""

    def __init__(
        self,
        type_: ProblemType,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(detail)
        self.type = type_
        self.detail = detail
        self.headers = headers or {}
        self.errors = errors


def invalid(errors: Sequence[FieldProblem]) -> ProblemError:
    """A 400 that names every wrong field at once."""
    noun = "field is" if len(errors) == 1 else "fields are"
    return ProblemError(
        INVALID_REQUEST, f"{len(errors)} {noun} wrong; see errors, mend them and send it again", errors=errors
    )


def problem_of(error: Exception) -> ProblemError:
    """What the caller is told of a failure. Retryable ones keep their cause to the log: it names our inside."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RetryableError):
        return ProblemError(
            UNAVAILABLE,
            "a part of the system did not answer; send the request again, with the same Idempotency-Key if it has one",
            headers={"Retry-After": "1"},
        )
    for kind, type_ in _OF_DOMAIN_ERRORS:
        if isinstance(error, kind):
            return ProblemError(type_, str(error))
    return ProblemError(INTERNAL, "the failure is in our log under this request id; tell us the id if it comes back")


def problem_response(problem: ProblemError, request_id: str) -> Response:
    document = ProblemDocument(
        type=problem.type.uri,
        title=problem.type.title,
        status=problem.type.status,
        detail=problem.detail,
        instance=f"urn:orderly:request:{request_id}",
        errors=list(problem.errors),
    )
    return Response(
        status=problem.type.status,
        headers={"Content-Type": CONTENT_TYPE, **problem.headers},
        body=msgspec.json.encode(document),
    )
