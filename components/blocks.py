"""The groups of settings that every target honours, with the bounds that all of them can keep."""

from datetime import timedelta
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.cron import check_cron, check_timezone
from components.settings import Block, Duration, Secret, setting
from components.stages import LogLevel, LogRetentionDays

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

    cors_origins: tuple[Annotated[str, Field(pattern=r"^(\*|https?://[^/\s*]+)$")], ...] = setting(
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


_visibility_timeout = partial(
    setting,
    description="How long a message is hidden from others while a consumer works on it.",
    allowed="10s to 5m",
    because="gcp: Pub/Sub ack deadline at least 10s; azure: Service Bus lock at most 5m",
    fix="shorten it or split the step",
    ge=timedelta(seconds=10),
    le=timedelta(minutes=5),
)
_max_receive_count = partial(
    setting,
    description="A message that was delivered so often without success moves to the dead letters.",
    allowed="5 to 100",
    because="gcp: Pub/Sub max_delivery_attempts",
    fix="choose within it; a handler refuses at once what can never succeed",
    ge=5,
    le=100,
)
_max_concurrency = partial(
    setting,
    description="How many batches of messages are worked on at once.",
    allowed="2 to 100",
    because="aws: an SQS event source runs at least 2; local: at most 100",
    fix="choose within it",
    ge=2,
    le=100,
)


class QueueOverride(Block):
    """What one queue does differently; the rest is as for every queue."""

    visibility_timeout: Duration | None = _visibility_timeout(None)
    max_receive_count: int | None = _max_receive_count(None)
    max_concurrency: int | None = _max_concurrency(None)


class QueueConfig(Block):
    """One queue with nothing left open."""

    visibility_timeout: Duration = _visibility_timeout(timedelta(seconds=60))
    max_receive_count: int = _max_receive_count(5)
    max_concurrency: int = _max_concurrency(10)


class QueuesConfig(QueueConfig):
    """Every queue, and what the fulfilment queue does differently."""

    fulfilment: QueueOverride = Field(
        default=QueueOverride(), description="What the fulfilment queue does differently."
    )

    def of(self, name: str) -> QueueConfig:
        override = self.fulfilment if name == "fulfilment" else QueueOverride()
        return QueueConfig.model_validate(
            self.model_dump(exclude={"fulfilment"}) | override.model_dump(exclude_none=True)
        )


class FunctionsConfig(Block):
    """Every function."""

    memory_mb: Literal[512, 2048, 4096] = setting(
        512,
        "Memory of an instance, in MiB.",
        allowed="512, 2048 or 4096",
        because="azure: the instance sizes of Flex Consumption",
        fix="take the next larger",
    )
    timeout: Duration = setting(
        timedelta(seconds=30),
        "The longest that one call of a function may take, the API's aside.",
        allowed="1s to 5m, and no longer than the visibility timeout of any queue",
        because="azure: Service Bus lock at most 5m",
        fix="shorten it or split the step",
        ge=timedelta(seconds=1),
        le=timedelta(minutes=5),
    )
    warm_instances: int | None = setting(
        None,
        "Instances of the API kept ready. By stage: dev 0, staging 2, prod 10.",
        allowed="0 to 100",
        because="azure: they count against a region's quota of 250 cores",
        fix="lower it",
        ge=0,
        le=100,
    )
    log_level: LogLevel | None = setting(
        None,
        "The least severe log line that is kept. By stage: dev DEBUG, staging INFO, prod WARN.",
        allowed="DEBUG, INFO, WARN or ERROR",
        fix="choose one of them",
    )


class DatabaseConfig(Block):
    """The orders."""

    deletion_protection: bool | None = setting(
        None,
        "Refuse to delete or replace the database. By stage: only prod.",
        allowed="true or false",
        fix="choose one of them",
    )
    point_in_time_recovery: bool | None = setting(
        None,
        "Keep 7 days of changes to go back to. By stage: staging and prod, where the target can.",
        allowed="true or false",
        fix="choose one of them",
    )


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


class ObservabilityConfig(Block):
    """Logs and alarms."""

    log_retention_days: LogRetentionDays | None = setting(
        None,
        "How long logs are kept. By stage: dev 30, staging 90, prod 365.",
        allowed="30, 60, 90, 120, 150, 180, 365, 400 or 545",
        because="aws: CloudWatch takes only these numbers; azure: Log Analytics keeps 30 to 730",
        fix="take the next longer",
    )
