"""Calls a function at the minutes that a cron expression names. A call may be made twice and may fail: the function
is one that the next call makes up for.

| | is | cron | time zone | a call that fails |
|---|---|---|---|---|
| aws | EventBridge Scheduler | six fields, converted | any | is retried, then a dead letter |
| gcp | Cloud Scheduler | five fields | any | is retried up to 5 times |
| azure | timer trigger | NCRONTAB of six fields, converted | UTC only | waits for the next time |
| local | the run time's clock | five fields | any | waits for the next time |

Bounds: five fields of numbers; day of month or day of week is `*` (EventBridge takes one of them).
"""

from __future__ import annotations

from dataclasses import dataclass

from components.component import Component
from components.function import Function


@dataclass(frozen=True, kw_only=True)
class ScheduleArgs:
    cron: str
    timezone: str
    function: Function


class Schedule(Component[ScheduleArgs]):
    """Made after the function that it calls."""
