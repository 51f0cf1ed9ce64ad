"""The settings that say how the system runs, with the bounds that every target can keep."""

from datetime import timedelta
from functools import partial
from typing import Literal

from pydantic import Field

from components.settings import Block, Duration, setting
from components.stages import LogLevel, LogRetentionDays

FunctionName = Literal[
    "api",
    "relay",
    "fulfil",
    "order-tasks",
    "inventory-tasks",
    "payment-tasks",
    "delivery-tasks",
    "project-demand",
    "notify-customer",
    "archive-events",
    "notify-ops",
    "cleanup",
]
"""Every function that a system may have."""

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
        allowed="1s to 5m, and shorter than the visibility timeout of every queue",
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


class WorkflowConfig(Block):
    """The order saga's runs."""

    durability: Literal["standard", "express"] = setting(
        "standard",
        "standard: a run survives whatever happens and can last a year. express: runs are cheap and fast, and one that "
        "is not over after five minutes ends there and then, undone or not.",
        allowed="standard, or express where the target has it",
        fix="choose one of them",
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
