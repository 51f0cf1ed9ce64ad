"""What only a timer trigger has: NCRONTAB, which begins with the second, in UTC."""

from __future__ import annotations

import pytest

from components.azure._cron import ncrontab
from components.errors import WiringError
from components.function import Function
from components.schedule import Schedule, ScheduleArgs
from tests.azure.reading import settings
from tests.unit.components.making import Make, function_args, made_alone


def scheduled(cron: str, timezone: str) -> dict[str, str]:
    def wire(make: Make) -> None:
        cleanup = make(Function, "cleanup", function_args())
        make(Schedule, "nightly", ScheduleArgs(cron=cron, timezone=timezone, function=cleanup))

    return dict(settings(made_alone("azure", wire).one("web.WebApp", "cleanup")))


@pytest.mark.parametrize(
    ("cron", "converted"),
    [
        ("0 2 * * *", "0 0 2 * * *"),
        ("30 4 * * 1", "0 30 4 * * 1"),
        ("0 2 1,15 * *", "0 0 2 1,15 * *"),
        ("0 2 * * 1-5", "0 0 2 * * 1-5"),
        ("0 2 * * 7", "0 0 2 * * 0"),
        ("0 2 * * 5-7", "0 0 2 * * 0,5,6"),
        ("*/20 2 * * *", "0 0,20,40 2 * * *"),
        ("5 9-17/4 * * *", "0 5 9,13,17 * * *"),
        ("0 17 7 7 *", "0 0 17 7 7 *"),
    ],
)
def test_an_expression_fires_when_it_did_before(cron: str, converted: str) -> None:
    assert ncrontab(cron) == converted


def test_the_functions_app_is_told_when() -> None:
    assert scheduled("0 2 * * *", "UTC")["CLEANUP_SCHEDULE"] == "0 0 2 * * *"


def test_another_time_zone_is_refused() -> None:
    with pytest.raises(WiringError, match="schedule nightly: a timer on Azure goes by UTC; convert 0 2"):
        scheduled("0 2 * * *", "Europe/Berlin")
