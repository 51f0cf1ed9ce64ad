"""Settings of the block `azure` that cannot be together with each other, or with the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from components.errors import Problem
from components.shared_contradictions import fewer_than_are_kept_warm, secret_that_fits_no_header, webhook_in_plain_text
from components.system_settings import SystemSettings

HEADER_VALUE = re.compile(r"[!-~]([ -~]{0,510}[!-~])?")
"""What the value of a header may be, whoever reads it."""


def _gateway_of_nobody(config: SystemSettings) -> Iterator[Problem]:
    azure = config.azure
    if azure and azure.api_kind != "direct" and azure.publisher_email is None and azure.alarm_email is None:
        yield Problem(
            path="azure.publisher_email",
            what="missing",
            allowed=f"allowed with azure.api_kind {azure.api_kind} is a mail address (API Management asks for one)",
            fix="set it, or azure.alarm_email, or set azure.api_kind to direct",
            involves=frozenset({"azure.publisher_email", "azure.alarm_email", "azure.api_kind"}),
        )


def _more_warm_than_there_may_be(config: SystemSettings) -> Iterator[Problem]:
    maximum = config.azure.max_instances if config.azure else None
    yield from fewer_than_are_kept_warm(config, "azure.max_instances", maximum)


def _issuer_out_of_reach(config: SystemSettings) -> Iterator[Problem]:
    azure, token = config.azure, config.api.token
    if azure and azure.api_kind != "direct" and token and token.issuer.startswith("http://"):
        yield Problem(
            path="api.token.issuer",
            what=f"{token.issuer} is not allowed",
            allowed="allowed on azure is an https:// address (API Management reads the issuer's discovery document)",
            fix="use an issuer that Azure can reach",
            involves=frozenset({"target", "api.token.issuer", "azure.api_kind"}),
        )


def _webhook_out_of_reach(config: SystemSettings) -> Iterator[Problem]:
    because = "the webhook's secret travels with each message"
    yield from webhook_in_plain_text(config, cloud="Azure", because=because)


def _secret_that_fits_no_header(config: SystemSettings) -> Iterator[Problem]:
    allowed = "1 to 512 printable characters of ASCII, no space at either end (a Logic App posts it in a header)"
    yield from secret_that_fits_no_header(config, HEADER_VALUE, allowed=allowed)


AZURE_CHECKS: tuple[Callable[[SystemSettings], Iterator[Problem]], ...] = (
    _gateway_of_nobody,
    _more_warm_than_there_may_be,
    _issuer_out_of_reach,
    _webhook_out_of_reach,
    _secret_that_fits_no_header,
)
