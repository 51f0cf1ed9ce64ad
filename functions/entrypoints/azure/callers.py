"""Who may call an app over HTTP: the principals that the app was told of, as App Service vouches for them.

App Service verifies a caller's token and tells the caller's object id in a header, which no request from outside can
set while App Service authenticates (learn.microsoft.com/azure/app-service/configure-authentication-user-identities).
To refuse everybody else is its part too. It is checked here once more, against a setting of App Service's that lets in
more than the app was told of; where authentication is off, the header is whatever a caller says, and this is no check.
That it is on is the deployment's part, which publishes no code before.
"""

from __future__ import annotations

from functions.api.messages import Request
from functions.api.problems import ProblemError, ProblemType
from functions.environment import Environment, Variable

PRINCIPAL = "x-ms-client-principal-id"
UNKNOWN_CALLER = ProblemType("unknown-caller", 403, "This caller may not call this app")


def check(request: Request, environment: Environment) -> None:
    """Raises a 403 for everybody that the app was not told of: for all, if it was told of nobody."""
    allowed = {principal.lower() for principal in environment.names(Variable.CALLERS)}
    if request.headers.get(PRINCIPAL, "").lower() not in allowed:
        raise ProblemError(UNKNOWN_CALLER, "only the identities that were granted it may call this app")
