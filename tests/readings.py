"""Each target that exists adds its reading here."""

from __future__ import annotations

from components.targets import TargetName
from tests.aws.reading import AwsReading
from tests.azure.reading import AzureReading
from tests.gcp.reading import GcpReading
from tests.local_reading import LocalReading
from tests.reading import Reading

READINGS: dict[TargetName, Reading] = {
    "aws": AwsReading(),
    "gcp": GcpReading(),
    "azure": AzureReading(),
    "local": LocalReading(),
}
