"""The API, behind API Gateway or reached by itself.

A gateway has verified the token and tells its claims in a header of its own, so they are believed only where no keys
are given: there IAM lets nobody call but the gateway. Where there are keys, anybody may call and may send that header:
it is not read, and the application verifies the token.
"""

from __future__ import annotations

from dataclasses import replace

from functions.api.dispatch import dispatch
from functions.api.messages import Request, Response
from functions.entrypoints.gcp.application import application
from functions.entrypoints.told_claims import claims_in
from functions.environment import Variable

USER_INFO = "x-apigateway-api-userinfo"


def api(request: Request) -> Response:
    app = application()
    is_behind_gateway = app.environment.get(Variable.TOKEN_KEYS) is None
    return dispatch(request_for(request, is_behind_gateway=is_behind_gateway), app.api)


def request_for(request: Request, *, is_behind_gateway: bool) -> Request:
    """The request with the claims that the gateway vouches for, if nobody else can have sent it."""
    return replace(request, claims=claims_in(request.headers.get(USER_INFO, "")) if is_behind_gateway else None)
