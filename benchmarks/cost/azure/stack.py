"""What of a stack's file its bill on Azure depends on, and where each of it is from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.cost.stackfile import SOME_ISSUER, StackFile
from components.azure_blocks import AzureConfig
from components.config import OrderSystemConfig

SOME_ID = "00000000-0000-0000-0000-000000000000"
ELSEWHERE: Mapping[str, str] = {
    "subscription": SOME_ID,
    "tenant_id": SOME_ID,
    "application_id": SOME_ID,
    "location": "eastus",
    "publisher_email": "nobody@shop.example",
}
"""What the block has to have, where the file has none because its target is another."""
MIB_IN_A_GIB = 1024


@dataclass(frozen=True, kw_only=True)
class Stack:
    file: StackFile
    config: OrderSystemConfig
    azure: AzureConfig

    @classmethod
    def read(cls, file: StackFile) -> Stack:
        """As `pulumi up` would read it on Azure, whatever its target is; raises ConfigError."""
        instead: dict[str, object] = {"azure": file.block("azure", **ELSEWHERE)}
        config = file.config(target="azure", api=file.block("api", token=SOME_ISSUER), **instead)
        return cls(file=file, config=config, azure=config.azure or AzureConfig.model_validate(ELSEWHERE))

    @property
    def region(self) -> str:
        return self.azure.location

    @property
    def instance_gb(self) -> float:
        return self.config.functions.memory_mb / MIB_IN_A_GIB

    @property
    def ready_instances(self) -> int:
        """How many of the API are always kept ready."""
        return self.config.profile.warm_instances

    @property
    def posts(self) -> bool:
        """Whether the Logic App has a webhook, and so a secret."""
        return "notification" in self.file.secret_blocks

    def told(self) -> Iterator[tuple[str, object, str]]:
        """Each setting that is priced: its name, its value, and who says so."""
        config, azure = self.config, self.azure
        settings: Mapping[str, object] = {
            "functions.memory_mb": config.functions.memory_mb,
            "functions.warm_instances": config.profile.warm_instances,
            "azure.location": azure.location,
            "azure.api_kind": azure.api_kind,
            "azure.concurrency": azure.concurrency,
            "azure.database_capacity": azure.database_capacity or "by the request",
            "azure.durable_backend": azure.durable_backend,
        }
        return self.file.told(config.stage, settings)
