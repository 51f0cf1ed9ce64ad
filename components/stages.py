"""What a stage decides unless the stack file says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Stage = Literal["dev", "staging", "prod"]
LogLevel = Literal["DEBUG", "INFO", "WARN", "ERROR"]
LogRetentionDays = Literal[30, 60, 90, 120, 150, 180, 365, 400, 545]
"""Log Analytics keeps 30 to 730 days, CloudWatch only certain numbers of days; these are both."""

STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True, kw_only=True)
class Profile:
    log_level: LogLevel
    warm_instances: int
    log_retention_days: LogRetentionDays
    deletion_protection: bool
    point_in_time_recovery: bool


PROFILES: dict[Stage, Profile] = {
    "dev": Profile(
        log_level="DEBUG",
        warm_instances=0,
        log_retention_days=30,
        deletion_protection=False,
        point_in_time_recovery=False,
    ),
    "staging": Profile(
        log_level="INFO",
        warm_instances=2,
        log_retention_days=90,
        deletion_protection=False,
        point_in_time_recovery=True,
    ),
    "prod": Profile(
        log_level="WARN",
        warm_instances=10,
        log_retention_days=365,
        deletion_protection=True,
        point_in_time_recovery=True,
    ),
}
