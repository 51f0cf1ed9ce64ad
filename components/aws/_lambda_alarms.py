"""What is watched of every function: it fails, it is throttled, it nearly runs out of time."""

from __future__ import annotations

from collections.abc import Iterator

from components.aws._alarms import FAILED_PERCENT, NEARLY_TIMED_OUT, Alarm, Metric
from components.aws._lambda import ALIAS, METRICS, Deployed


def lambda_alarms(name: str, function: Deployed, *, is_warm: bool) -> Iterator[Alarm]:
    of = {"FunctionName": function.physical_name, "Resource": f"{function.physical_name}:{ALIAS}"}
    calls = Metric(namespace=METRICS, name="Invocations", dimensions=of)
    yield Alarm(
        about="function-errors",
        contract="function",
        of=name,
        says=f"More than {FAILED_PERCENT} % of the calls of {name} failed; its log group says how.",
        metric=Metric(namespace=METRICS, name="Errors", dimensions=of),
        share_of=calls,
        threshold=FAILED_PERCENT,
        periods=3,
    )
    yield Alarm(
        about="function-throttles",
        contract="function",
        of=name,
        says=f"Calls of {name} were turned away: the account or its reservation has no concurrency left.",
        metric=Metric(namespace=METRICS, name="Throttles", dimensions=of),
        threshold=0,
        periods=3,
    )
    yield Alarm(
        about="function-duration",
        contract="function",
        of=name,
        says=f"One in a hundred calls of {name} takes over {NEARLY_TIMED_OUT:.0%} of its timeout.",
        metric=Metric(namespace=METRICS, name="Duration", dimensions=of, statistic="p99"),
        threshold=NEARLY_TIMED_OUT * 1000 * function.timeout_seconds,
        periods=5,
    )
    if is_warm:
        yield Alarm(
            about="function-spillover",
            contract="function",
            of=name,
            says=f"Calls of {name} started cold although instances are kept ready: raise functions.warm_instances.",
            metric=Metric(namespace=METRICS, name="ProvisionedConcurrencySpilloverInvocations", dimensions=of),
            threshold=0,
            periods=5,
        )
