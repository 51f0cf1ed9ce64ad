"""What of a stack's file its bill on AWS depends on, and where each of it is from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.cost.stackfile import StackFile
from components.config import OrderSystemConfig
from components.vendor_blocks import AwsConfig

SOME_REGION = "us-east-1"
"""Where the file has none, because its target is another."""
MIB_IN_A_GIB = 1024


@dataclass(frozen=True, kw_only=True)
class Stack:
    file: StackFile
    config: OrderSystemConfig
    aws: AwsConfig

    @classmethod
    def read(cls, file: StackFile) -> Stack:
        """As `pulumi up` would read it on AWS, whatever its target is; raises ConfigError."""
        config = file.config(target="aws", aws=file.block("aws", region=SOME_REGION))
        return cls(file=file, config=config, aws=config.aws or AwsConfig(region=SOME_REGION))

    @property
    def region(self) -> str:
        return self.aws.region

    @property
    def durability(self) -> str:
        return self.config.workflow.durability

    @property
    def function_gb(self) -> float:
        return self.config.functions.memory_mb / MIB_IN_A_GIB

    @property
    def has_firewall(self) -> bool:
        return self.aws.api_kind == "rest" and self.aws.waf is not False

    @property
    def ready_instances(self) -> tuple[int, int]:
        """How many of the API are always kept ready, and up to how many under load."""
        least = self.config.profile.warm_instances if self.aws.cold_start in (None, "provisioned") else 0
        return least, max(least, self.aws.provisioned_maximum or 2 * least) if least else 0

    @property
    def snapshots(self) -> int:
        """Of the functions that a caller waits for: the API, and what our own user pool or a REST API calls."""
        if self.aws.cold_start != "snapstart":
            return 0
        is_alone = self.config.api.token is not None and self.aws.api_kind == "http"
        return 1 if is_alone else 2

    @property
    def capacity(self) -> tuple[int, int] | None:
        """Read units, and as many write units, of the table and of each index: always there, and at most."""
        found = self.aws.database_capacity
        return (found.minimum, found.maximum) if found else None

    def told(self) -> Iterator[tuple[str, object, str]]:
        """Each setting that is priced: its name, its value, and who says so."""
        config, aws, (least, most) = self.config, self.aws, self.ready_instances
        settings: Mapping[str, object] = {
            "workflow.durability": config.workflow.durability,
            "functions.memory_mb": config.functions.memory_mb,
            "functions.warm_instances": config.profile.warm_instances,
            "aws.region": aws.region,
            "aws.api_kind": aws.api_kind,
            "aws.waf": self.has_firewall,
            "aws.cold_start": aws.cold_start or ("provisioned" if least else "none"),
            "aws.provisioned_maximum": most,
            "aws.database_capacity": f"{self.capacity[0]} to {self.capacity[1]}" if self.capacity else "on demand",
        }
        yield from self.file.told(config.stage, settings)
