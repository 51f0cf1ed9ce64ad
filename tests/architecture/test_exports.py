"""What the contracts and the modules that wire them offer, exactly: a new public name is a decision, no accident."""

from __future__ import annotations

import pytest

from components.parity import CONTRACTS
from tests.architecture.source import modules, public_names

PUBLIC = {
    "api": {"Api", "ApiArgs"},
    "assembly": {"Args", "Assembly", "Contract", "Made"},
    "bucket": {"Bucket", "BucketArgs"},
    "component": {"Args", "Component"},
    "config": {"OrderSystemConfig", "STAGE_OF_STACK"},
    "database": {"Database", "DatabaseArgs"},
    "errors": {"ConfigError", "Problem", "TransformError", "WiringError"},
    "event_bus": {"EventBus", "EventBusArgs", "Pattern"},
    "foundation": {"Foundation", "FoundationArgs"},
    "function": {"Function", "FunctionArgs", "Trigger"},
    "group": {"Child", "Group", "Transform"},
    "identity": {"Grant", "Grantee", "Identity", "Verb"},
    "issuer": {"Issuer", "IssuerArgs"},
    "link": {"Link", "Variables", "Wiring", "wire"},
    "notification": {"Notification", "NotificationArgs"},
    "observability": {"Observability", "ObservabilityArgs"},
    "queue": {"Queue", "QueueArgs"},
    "schedule": {"Schedule", "ScheduleArgs"},
    "secret": {"Secret", "SecretArgs"},
    "stackfile": {"NAMESPACE", "PROJECT", "StackFile", "StackFileError", "block", "stacks"},
    "system": {"ENDED", "NO_SETTINGS", "OrderSystem", "PLACED", "QUEUES", "TASKS"},
    "targets": {"Contract", "TARGET_NAMES", "TargetName", "existing", "implementation"},
    "topic": {"Filter", "Topic", "TopicArgs"},
    "workflow": {"Durability", "Workflow", "WorkflowArgs"},
}


@pytest.mark.parametrize("module", PUBLIC)
def test_a_module_offers_exactly_this(module: str) -> None:
    assert public_names(modules("components")[f"components.{module}"]) == PUBLIC[module]


def test_no_contract_is_left_out() -> None:
    assert set(CONTRACTS) <= PUBLIC.keys()
