"""Everything that a stack file may say; what each block may hold is in shop_, platform_, vendor_, gcp_ and
azure_blocks.
"""

from dataclasses import replace
from typing import Any

from pydantic import Field

from components.azure_blocks import AzureConfig
from components.gcp_blocks import GcpConfig
from components.platform_blocks import (
    DatabaseConfig,
    FunctionsConfig,
    ObservabilityConfig,
    QueuesConfig,
    WorkflowConfig,
)
from components.settings import Block, setting
from components.shop_blocks import ApiConfig, NotificationConfig, OrdersConfig, PaymentsConfig, ScheduleConfig
from components.stages import PROFILES, Profile, Stage
from components.targets import TargetName
from components.vendor_blocks import AwsConfig, LocalConfig


class SystemSettings(Block):
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
    workflow: WorkflowConfig = Field(default=WorkflowConfig(), description="The order saga's runs.")
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
