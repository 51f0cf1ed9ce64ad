"""The API, behind API Management or reached by itself.

The gateway has verified the token and tells its claims in a header of ours, which it takes from nobody else. They are
believed where no keys are given: there only the gateway's own identity may call. Where there are keys, anybody may
call and may send that header: it is not read, and the application verifies the token.
"""

from __future__ import annotations

from dataclasses import replace

from functions.api.dispatch import dispatch
from functions.api.messages import Request, Response
from functions.entrypoints.azure.application import application
from functions.entrypoints.azure.callers import check
from functions.entrypoints.told_claims import claims_in
from functions.environment import Environment, Variable

CLAIMS = "x-orderly-claims"


def api(request: Request) -> Response:
    app = application()
    return dispatch(request_for(request, app.environment), app.api)


def request_for(request: Request, environment: Environment) -> Request:
    """The request with the claims that the gateway vouches for; raises a 403 if somebody has gone round the gateway."""
    if environment.get(Variable.TOKEN_KEYS) is not None:
        return replace(request, claims=None)
    check(request, environment)
    return replace(request, claims=claims_in(request.headers.get(CLAIMS, "")))
