"""The one typed description of an order system: what a stack file may say.

`from_pulumi` is the only reader of Pulumi's configuration. `python -m components.config` prints the JSON Schema that
editors check stack files with.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
from pulumi.runtime import get_config_env, get_config_secret_keys_env, is_config_secret
from pulumi.runtime.config import CONFIG
from pydantic import Field

from components.errors import NAMESPACE
from components.loading import load
from components.platform_blocks import DatabaseConfig, FunctionsConfig, ObservabilityConfig, QueuesConfig
from components.settings import Block, setting
from components.shop_blocks import ApiConfig, NotificationConfig, OrdersConfig, PaymentsConfig, ScheduleConfig
from components.stages import PROFILES, STAGES, Profile, Stage
from components.targets import TargetName
from components.vendor_blocks import AwsConfig, AzureConfig, GcpConfig, LocalConfig

STAGE_OF_STACK: dict[str, Stage] = {**{stage: stage for stage in STAGES}, "local": "dev"}


class OrderSystemConfig(Block):
    """An order-processing system."""

    stage: Stage = setting(
        ...,
        "Decides log level, warm instances, retention and protection, unless they are set.",
        allowed="dev, staging or prod",
        fix="set it with: pulumi config set stage dev",
    )
    target: TargetName = setting(
        ...,
        "Where the system runs.",
        allowed="aws, gcp, azure or local",
        fix="set it with: pulumi config set target local",
    )
    orders: OrdersConfig = Field(default=OrdersConfig(), description="The rules of the shop.")
    api: ApiConfig = Field(default=ApiConfig(), description="The HTTP API.")
    queues: QueuesConfig = Field(default=QueuesConfig(), description="Every queue.")
    functions: FunctionsConfig = Field(default=FunctionsConfig(), description="Every function.")
    database: DatabaseConfig = Field(default=DatabaseConfig(), description="The orders.")
    schedule: ScheduleConfig = Field(default=ScheduleConfig(), description="The clean-up that expires stale orders.")
    payments: PaymentsConfig | None = Field(default=None, description="The payment gateway; without it, the sandbox.")
    notification: NotificationConfig | None = Field(
        default=None, description="The operators' webhook; without it, the log."
    )
    observability: ObservabilityConfig = Field(default=ObservabilityConfig(), description="Logs and alarms.")
    aws: AwsConfig | None = Field(default=None, description="What only AWS has; needed when the target is aws.")
    gcp: GcpConfig | None = Field(
        default=None, description="What only Google Cloud has; needed when the target is gcp."
    )
    azure: AzureConfig | None = Field(default=None, description="What only Azure has; needed when the target is azure.")
    local: LocalConfig = Field(default=LocalConfig(), description="What only a system on one machine has.")

    @property
    def profile(self) -> Profile:
        """The stage's profile with what the stack file sets itself."""
        chosen: dict[str, Any] = {
            "log_level": self.functions.log_level,
            "warm_instances": self.functions.warm_instances,
            "log_retention_days": self.observability.log_retention_days,
            "deletion_protection": self.database.deletion_protection,
            "point_in_time_recovery": self.database.point_in_time_recovery,
        }
        return replace(PROFILES[self.stage], **{name: value for name, value in chosen.items() if value is not None})

    @classmethod
    def parse(cls, written: Mapping[str, Any], *, hidden: frozenset[str] = frozenset()) -> "OrderSystemConfig":
        """The configuration that the settings describe; ConfigError with one line for each problem otherwise.

        No value of a top-level setting named in `hidden` is ever shown.
        """
        return load(cls, written, hidden)

    @classmethod
    def from_pulumi(cls) -> "OrderSystemConfig":
        """The stack file's settings; a stack named as a stage is that stage, and `local` is dev, unless it says so."""
        config = pulumi.Config(NAMESPACE)
        everything = {**get_config_env(), **CONFIG.get()}
        names = [key.partition(":")[2] for key in everything if key.startswith(f"{NAMESPACE}:")]
        secret = {key for key in everything if is_config_secret(key)} | set(get_config_secret_keys_env())
        written = {name: _value(config.require(name)) for name in names}
        stage = STAGE_OF_STACK.get(pulumi.get_stack())
        return cls.parse(
            ({"stage": stage} if stage else {}) | written,
            hidden=frozenset(name for name in names if f"{NAMESPACE}:{name}" in secret),
        )


def _value(text: str) -> object:
    """A block arrives as JSON; whatever is not an object stays as it was written."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict | list) else text


if __name__ == "__main__":
    from components.schema import stack_file_schema

    print(json.dumps(stack_file_schema(), indent=2))
