"""The settings that say what the shop does: its rules, its API, its partners. Every target honours them."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from components.cron import check_cron, check_timezone
from components.settings import Block, Duration, Secret, setting

SECURE_URL = r"^(https://[^\s/]+|http://(127\.0\.0\.1|localhost)(:\d+)?)(/\S*)?$"
URL_ALLOWED = "an https:// address (http:// only on this machine)"
MAX_EXACT = 2**53 - 1


class OrdersConfig(Block):
    """The rules of the shop."""

    currencies: tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...] = setting(
        ("EUR", "GBP", "USD"),
        "Currencies that orders are taken in.",
        allowed="1 to 50 ISO 4217 codes, as in [EUR, USD]",
        fix="write each as three capital letters",
        min_length=1,
        max_length=50,
    )
    max_total_minor: int = setting(
        10_000_000,
        "The highest total of an order, in the currency's minor unit (cents).",
        allowed=f"1 to {MAX_EXACT}",
        because="gcp, azure: filters compare as 64-bit floats, exact to 2^53",
        fix="lower it",
        ge=1,
        le=MAX_EXACT,
    )
    high_value_threshold_minor: int = setting(
        10_000,
        "Operators are notified of an order whose total is above this, in the currency's minor unit (cents).",
        allowed="1 to max_total_minor",
        fix="lower it, or raise orders.max_total_minor",
        ge=1,
        le=MAX_EXACT,
    )
    expire_after_hours: int = setting(
        24,
        "An order still open after so many hours expires when the schedule next runs.",
        allowed="1 to 720",
        fix="choose a month at most; nobody waits longer for an order",
        ge=1,
        le=720,
    )
    sandbox_stock: int = setting(
        1_000,
        "Units on hand of an SKU that the sandbox inventory has never seen.",
        allowed="0 to 1000000",
        fix="lower it",
        ge=0,
        le=1_000_000,
    )


class TokenConfig(Block):
    """Whose tokens callers show; without this block the target's own issuer is used, where it has one."""

    issuer: str = setting(
        ...,
        "The `iss` claim, which is the issuer's address.",
        allowed=URL_ALLOWED,
        fix="copy it from the issuer's discovery document",
        pattern=SECURE_URL,
    )
    audience: str = setting(
        ...,
        "The `aud` claim that tokens for this API carry.",
        allowed="1 to 256 characters without spaces",
        fix="copy it from the issuer's settings for this API",
        pattern=r"^\S{1,256}$",
    )
    keys_url: str = setting(
        ...,
        "Where the issuer publishes its public keys (JWKS).",
        allowed=URL_ALLOWED,
        fix="copy jwks_uri from the issuer's discovery document",
        pattern=SECURE_URL,
    )


class ApiConfig(Block):
    """The HTTP API."""

    cors_origins: tuple[Annotated[str, Field(pattern=r"^(\*|https?://[A-Za-z0-9.:\[\]-]+)$")], ...] = setting(
        (),
        "Web pages that browsers may call the API from.",
        allowed="origins as in [https://shop.example], without a path, or [*]",
        fix="write scheme and host only",
        max_length=100,
    )
    rate_per_second: int = setting(
        500,
        "Requests a second that are let through in the long run.",
        allowed="1 to 10000",
        because="aws: API Gateway's quota of an account and region",
        fix="lower it, or ask AWS for a higher quota and put a proxy in front",
        ge=1,
        le=10_000,
    )
    burst: int = setting(
        1_000,
        "Requests that are let through at once.",
        allowed="1 to 5000",
        because="aws: API Gateway's quota of an account and region",
        fix="lower it",
        ge=1,
        le=5_000,
    )
    timeout: Duration = setting(
        timedelta(seconds=10),
        "The longest that one request may take.",
        allowed="1s to 29s",
        because="aws: API Gateway ends a request after 29s",
        fix="shorten it; what takes longer belongs behind a queue",
        ge=timedelta(seconds=1),
        le=timedelta(seconds=29),
    )
    idempotency_hours: int = setting(
        24,
        "A repeated Idempotency-Key gets the first answer for so many hours.",
        allowed="1 to 168",
        fix="choose a week at most; clients do not retry longer",
        ge=1,
        le=168,
    )
    token: TokenConfig | None = Field(default=None, description="Another issuer than the target's own.")


class ScheduleConfig(Block):
    """The clean-up that expires stale orders."""

    cron: Annotated[str, AfterValidator(check_cron)] = setting(
        "0 2 * * *",
        "When it runs: minute, hour, day of month, month, day of week.",
        allowed="five fields of numbers with * , - and /, one of the two days left as *",
        because="aws: a schedule takes one of the two days; azure: no L, W or #",
        fix='write it as in "0 2 * * *"',
    )
    timezone: Annotated[str, AfterValidator(check_timezone)] = setting(
        "UTC", "The time zone of `cron`.", allowed="an IANA name, as in Europe/Berlin", fix="correct the name"
    )


class PaymentsConfig(Block):
    """The payment gateway; without this block payments go to the sandbox."""

    url: str = setting(
        ..., "Where payments are sent.", allowed=URL_ALLOWED, fix="correct the address", pattern=SECURE_URL
    )
    api_key: Secret = setting(
        ...,
        "The key that the gateway knows us by.",
        allowed="a secret text",
        fix="set it with: pulumi config set --secret --path orderly:payments.api_key",
    )


class NotificationConfig(Block):
    """The operators' webhook for orders above the threshold; without this block they are logged."""

    webhook_url: str = setting(
        ..., "Where notifications are posted.", allowed=URL_ALLOWED, fix="correct the address", pattern=SECURE_URL
    )
    webhook_secret: Secret = setting(
        ...,
        "The secret that the webhook's owner recognises us by.",
        allowed="a secret text",
        fix="set it with: pulumi config set --secret --path orderly:notification.webhook_secret",
    )
