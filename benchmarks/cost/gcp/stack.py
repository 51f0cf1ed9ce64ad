"""What of a stack's file its bill on Google Cloud depends on, and where each of it is from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.cost.stackfile import SOME_ISSUER, StackFile
from components.config import OrderSystemConfig
from components.gcp_blocks import GcpConfig

SOME_PROJECT, SOME_REGION = "some-project", "us-central1"
"""Where the file has none, because its target is another."""
MIB_IN_A_GIB = 1024
WHOLE_CPUS: Mapping[int, float] = {512: 1, 2048: 1, 4096: 2}
"""By MiB of memory, of a function that takes more than one call at once."""
PARTS_OF_A_CPU: Mapping[int, float] = {512: 0.333, 2048: 1, 4096: 2}
"""By MiB of memory, what any other function gets (cloud.google.com/functions/docs/configuring/memory)."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    file: StackFile
    config: OrderSystemConfig
    gcp: GcpConfig

    @classmethod
    def read(cls, file: StackFile) -> Stack:
        """As `pulumi up` would read it on Google Cloud, whatever its target is; raises ConfigError."""
        instead: dict[str, object] = {"gcp": file.block("gcp", project=SOME_PROJECT, region=SOME_REGION)}
        api = file.block("api", token=SOME_ISSUER)
        config = file.config(target="gcp", api=api, **instead)
        return cls(file=file, config=config, gcp=config.gcp or GcpConfig(project=SOME_PROJECT, region=SOME_REGION))

    @property
    def region(self) -> str:
        return self.gcp.region

    @property
    def function_gib(self) -> float:
        return self.config.functions.memory_mb / MIB_IN_A_GIB

    @property
    def api_cpus(self) -> float:
        return self.queue_cpus if self.gcp.concurrency > 1 else self.other_cpus

    @property
    def queue_cpus(self) -> float:
        """Of a queue's consumer, at which other messages wait."""
        return WHOLE_CPUS[self.config.functions.memory_mb]

    @property
    def other_cpus(self) -> float:
        return PARTS_OF_A_CPU[self.config.functions.memory_mb]

    @property
    def ready_instances(self) -> int:
        """How many of the API are always kept ready."""
        return self.config.profile.warm_instances

    @property
    def is_in_several_regions(self) -> bool:
        """Its database; what is one region has a number at its end after a hyphen."""
        location = self.gcp.firestore_location or self.gcp.region
        return "-" not in location

    def told(self) -> Iterator[tuple[str, object, str]]:
        """Each setting that is priced: its name, its value, and who says so."""
        config, gcp = self.config, self.gcp
        settings: Mapping[str, object] = {
            "functions.memory_mb": config.functions.memory_mb,
            "functions.warm_instances": config.profile.warm_instances,
            "gcp.region": gcp.region,
            "gcp.firestore_location": gcp.firestore_location or gcp.region,
            "gcp.api_kind": gcp.api_kind,
            "gcp.concurrency": gcp.concurrency,
        }
        return self.file.told(config.stage, settings)
