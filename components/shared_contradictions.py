"""Settings that several targets cannot have, each for a reason of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.errors import Problem
from components.system_settings import SystemSettings


def fewer_than_are_kept_warm(config: SystemSettings, path: str, maximum: int | None) -> Iterator[Problem]:
    """`maximum` is what `path` says of how many instances there may be, None if it says nothing."""
    warm = config.profile.warm_instances
    if maximum is not None and maximum < warm:
        yield Problem(
            path=path,
            what=f"{maximum} is not allowed",
            allowed=f"allowed is {warm} to 1000 ({warm} instances are kept ready from the start)",
            fix="raise it, or lower functions.warm_instances",
            involves=frozenset({path, "functions.warm_instances"}),
        )


def webhook_in_plain_text(config: SystemSettings, *, cloud: str, because: str) -> Iterator[Problem]:
    if config.notification and config.notification.webhook_url.startswith("http://"):
        yield Problem(
            path="notification.webhook_url",
            what="an http:// address is not allowed",
            allowed=f"allowed on {config.target} is an https:// address ({because})",
            fix=f"give an address that {cloud} can reach",
            involves=frozenset({"target", "notification.webhook_url"}),
        )


def secret_that_fits_no_header(config: SystemSettings, fitting: re.Pattern[str], *, allowed: str) -> Iterator[Problem]:
    """The problem does not show the secret."""
    secret = config.notification.webhook_secret.get_secret_value() if config.notification else "-"
    if not fitting.fullmatch(secret):
        yield Problem(
            path="notification.webhook_secret",
            what="this secret is not allowed",
            allowed=f"allowed on {config.target} are {allowed}",
            fix="choose another one",
            involves=frozenset({"target", "notification.webhook_secret"}),
        )
