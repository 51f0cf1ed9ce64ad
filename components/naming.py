"""Physical names: the same for the same system every time, told apart from any other, and legal where they are used.

A name is what can be read of project, stack and component, cut to fit, and eight characters of a digest of all three,
so that `a-b` in stack `c` and `a` in stack `b-c` never meet, however much was cut.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from components.errors import WiringError
from components.targets import TargetName

DIGEST_CHARACTERS = 8
COMPONENT_NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
LONGEST_COMPONENT_NAME = 40


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """Names of `longest` lower-case letters, digits and separators that begin with a letter."""

    longest: int
    source: str
    separator: str = "-"
    forbidden: tuple[str, ...] = ()


BOTOCORE = "botocore's service model"
DISCOVERY = "Google's discovery document"
GOOGLE = "Google's documentation, from memory"
AZURE_RULES = "learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"

RULES: dict[tuple[TargetName, str], NameRule] = {
    ("aws", "function"): NameRule(longest=64, source=BOTOCORE),
    ("aws", "role"): NameRule(longest=64, source=BOTOCORE),
    ("aws", "queue"): NameRule(longest=80, source=BOTOCORE),
    ("aws", "topic"): NameRule(longest=256, source=BOTOCORE),
    ("aws", "event_bus"): NameRule(longest=256, source=BOTOCORE),
    ("aws", "rule"): NameRule(longest=64, source=BOTOCORE),
    ("aws", "event_archive"): NameRule(longest=48, source=BOTOCORE),
    ("aws", "database"): NameRule(longest=255, source=BOTOCORE),
    ("aws", "workflow"): NameRule(longest=80, source=BOTOCORE),
    ("aws", "schedule"): NameRule(longest=64, source=BOTOCORE),
    ("aws", "secret"): NameRule(longest=512, source=BOTOCORE),
    ("aws", "policy"): NameRule(longest=128, source=BOTOCORE),
    ("aws", "key_alias"): NameRule(longest=250, source=f"{BOTOCORE}, less `alias/`"),
    ("aws", "alarm"): NameRule(longest=255, source=BOTOCORE),
    ("aws", "dashboard"): NameRule(longest=255, source="docs.aws.amazon.com, PutDashboard"),
    ("aws", "connection"): NameRule(longest=64, source=BOTOCORE),
    ("aws", "api_destination"): NameRule(longest=64, source=BOTOCORE),
    ("aws", "schedule_group"): NameRule(longest=64, source=BOTOCORE),
    ("aws", "api"): NameRule(longest=128, source="docs.aws.amazon.com, CreateApi"),
    ("aws", "user_pool"): NameRule(longest=128, source=BOTOCORE),
    ("aws", "web_acl"): NameRule(longest=128, source=BOTOCORE),
    ("aws", "bucket"): NameRule(
        longest=63, source="docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
    ),
    ("aws", "user_pool_domain"): NameRule(longest=63, source=BOTOCORE, forbidden=("aws", "amazon", "cognito")),
    ("gcp", "function"): NameRule(longest=49, source=f"{DISCOVERY} of Cloud Run, the service behind a function"),
    ("gcp", "service_account"): NameRule(longest=30, source=DISCOVERY),
    ("gcp", "custom_role"): NameRule(
        longest=42, separator="_", source=f"{DISCOVERY}, less `_` and the 21 digits of an account"
    ),
    ("gcp", "repository"): NameRule(longest=63, source=GOOGLE),
    ("gcp", "topic"): NameRule(longest=255, source=DISCOVERY, forbidden=("goog",)),
    ("gcp", "subscription"): NameRule(longest=255, source=DISCOVERY, forbidden=("goog",)),
    ("gcp", "trigger"): NameRule(longest=63, source=GOOGLE),
    ("gcp", "database"): NameRule(longest=63, source=DISCOVERY),
    ("gcp", "workflow"): NameRule(longest=64, source=DISCOVERY),
    ("gcp", "schedule"): NameRule(longest=500, source=DISCOVERY),
    ("gcp", "secret"): NameRule(longest=255, source=DISCOVERY),
    ("gcp", "bucket"): NameRule(
        longest=63, source="cloud.google.com/storage/docs/buckets", forbidden=("goog", "g00gle")
    ),
    ("gcp", "gateway"): NameRule(longest=49, source=GOOGLE),
    ("gcp", "api_config"): NameRule(longest=36, source="63 characters, less `-` and the 26 of an ending"),
    ("gcp", "load_balancer"): NameRule(longest=63, source=f"{DISCOVERY} of Compute Engine"),
    ("gcp", "log_metric"): NameRule(longest=100, source=DISCOVERY),
    ("gcp", "log_bucket"): NameRule(longest=78, source=f"{DISCOVERY}, less `_` and the 21 digits of an account"),
    ("azure", "resource_group"): NameRule(longest=90, source=AZURE_RULES),
    ("azure", "function"): NameRule(longest=32, source="the host's id is an app's first 32 characters"),
    ("azure", "plan"): NameRule(longest=40, source=AZURE_RULES),
    ("azure", "storage_account"): NameRule(longest=24, separator="", source=AZURE_RULES),
    ("azure", "vault"): NameRule(longest=24, source=AZURE_RULES),
    ("azure", "database"): NameRule(longest=44, source=AZURE_RULES),
    ("azure", "service_bus"): NameRule(longest=50, source=AZURE_RULES),
    ("azure", "event_bus"): NameRule(longest=50, source=AZURE_RULES),
    ("azure", "gateway"): NameRule(longest=50, source=AZURE_RULES),
    ("azure", "workspace"): NameRule(longest=63, source=AZURE_RULES),
    ("azure", "insights"): NameRule(longest=260, source=AZURE_RULES),
    ("azure", "alert"): NameRule(longest=260, source=AZURE_RULES),
    ("azure", "logic_app"): NameRule(longest=43, source=AZURE_RULES),
    ("azure", "connection"): NameRule(longest=80, source=AZURE_RULES),
    ("azure", "identity"): NameRule(longest=128, source=AZURE_RULES),
    ("azure", "scheduler"): NameRule(longest=64, source="learn.microsoft.com/azure/durable-task/scheduler"),
    ("azure", "task_hub"): NameRule(
        longest=45, separator="", source="learn.microsoft.com/azure/azure-functions/durable"
    ),
    ("local", "declaration"): NameRule(longest=63, source="local_runtime/declarations.py"),
}
"""By target and kind of thing, the bounds that a name has there."""


def physical_name(rule: NameRule, *, project: str, stack: str, name: str, within: str = "") -> str:
    """`within` is what else tells it apart where names are everybody's, and is not to be read in it."""
    told_apart = (project, stack, name, within) if within else (project, stack, name)
    digest = hashlib.sha256("\0".join(told_apart).encode()).digest()
    suffix = base64.b32encode(digest).decode().lower()[:DIGEST_CHARACTERS]
    readable = _readable(rule, f"{project}-{stack}-{name}")
    cut = readable[: rule.longest - DIGEST_CHARACTERS - len(rule.separator)].rstrip("-_")
    return _allowed(rule, f"{cut}{rule.separator}{suffix}")


def require_component_name(name: str) -> None:
    """WiringError for a component's name that cannot be part of a physical one, or that two components could share."""
    if len(name) > LONGEST_COMPONENT_NAME or not COMPONENT_NAME.fullmatch(name):
        raise WiringError(
            f"component {name}: a name is up to {LONGEST_COMPONENT_NAME} lower-case letters, digits and single "
            f"hyphens, and begins with a letter; rename it"
        )


def _readable(rule: NameRule, text: str) -> str:
    words = re.findall(r"[a-z0-9]+", _allowed(rule, text.lower()))
    return rule.separator.join(words).lstrip("0123456789-_") or "x"


def _allowed(rule: NameRule, text: str) -> str:
    """Without the words that the rule forbids, also where leaving one out makes another."""
    while found := next((word for word in rule.forbidden if word in text), None):
        text = text.replace(found, "")
    return text
