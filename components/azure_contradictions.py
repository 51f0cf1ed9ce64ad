"""Settings of the block `azure` that cannot be together with each other, or with the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from components.errors import Problem
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
    azure, warm = config.azure, config.profile.warm_instances
    if azure and azure.max_instances < warm:
        yield Problem(
            path="azure.max_instances",
            what=f"{azure.max_instances} is not allowed",
            allowed=f"allowed is {warm} to 1000 ({warm} instances are kept ready from the start)",
            fix="raise it, or lower functions.warm_instances",
            involves=frozenset({"azure.max_instances", "functions.warm_instances"}),
        )


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
    if config.notification and config.notification.webhook_url.startswith("http://"):
        yield Problem(
            path="notification.webhook_url",
            what="an http:// address is not allowed",
            allowed="allowed on azure is an https:// address (the webhook's secret travels with each message)",
            fix="give an address that Azure can reach",
            involves=frozenset({"target", "notification.webhook_url"}),
        )


def _secret_that_fits_no_header(config: SystemSettings) -> Iterator[Problem]:
    secret = config.notification.webhook_secret.get_secret_value() if config.notification else "-"
    if not HEADER_VALUE.fullmatch(secret):
        yield Problem(
            path="notification.webhook_secret",
            what="this secret is not allowed",
            allowed="allowed on azure are 1 to 512 printable characters of ASCII, no space at either end (a Logic App "
            "posts it in a header)",
            fix="choose another one",
            involves=frozenset({"target", "notification.webhook_secret"}),
        )


AZURE_CHECKS: tuple[Callable[[SystemSettings], Iterator[Problem]], ...] = (
    _gateway_of_nobody,
    _more_warm_than_there_may_be,
    _issuer_out_of_reach,
    _webhook_out_of_reach,
    _secret_that_fits_no_header,
)
