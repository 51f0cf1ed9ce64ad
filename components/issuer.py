"""Says whose tokens the API believes: the configured issuer, or else the target's own.

| | own issuer | tenant claim |
|---|---|---|
| aws | Cognito user pool with resource server and client | pre-token trigger |
| gcp | none: Identity Platform exists once for a project | from the configured issuer |
| azure | none: the provider registers no applications | from the configured issuer |
| local | ES256 key pair in the system's folder; the private key never leaves it | signed into the token |
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.component import Component
from components.errors import WiringError
from components.link import Link, Variables
from components.shop_blocks import TokenConfig
from functions.environment import Variable


@dataclass(frozen=True, kw_only=True)
class IssuerArgs:
    configured: TokenConfig | None


class Issuer(Component[IssuerArgs]):
    issuer: pulumi.Input[str]
    audience: pulumi.Input[str]
    keys: pulumi.Input[str]
    """A file: or https: address of the public keys (JWKS)."""
    variables: Variables
    """What a function needs to know of tokens: the three above, where no gateway has verified them before it."""

    def verifier(self) -> Link:
        """Names and public keys: nothing has to be granted."""
        return Link(variables=self.variables)

    def _trust(self, token: TokenConfig) -> None:
        """Another issuer, which the configuration names."""
        self.issuer, self.audience, self.keys = token.issuer, token.audience, token.keys_url

    def _trust_the_configured(self, args: IssuerArgs, *, is_verified_before: bool) -> None:
        """For a target without one of its own: WiringError where none is configured.

        Told of no keys, the function believes the claims that a gateway passes on, and nobody else's.
        """
        if args.configured is None:
            raise WiringError(f"issuer {self.name} needs one that is configured; set api.token")
        self._trust(args.configured)
        self.variables = {} if is_verified_before else self._of_the_issuer()

    def _of_the_issuer(self) -> Variables:
        """For a function that verifies tokens itself."""
        return {
            Variable.TOKEN_ISSUER: self.issuer,
            Variable.TOKEN_AUDIENCE: self.audience,
            Variable.TOKEN_KEYS: self.keys,
        }
