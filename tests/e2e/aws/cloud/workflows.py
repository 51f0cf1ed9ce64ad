"""Step Functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.e2e.aws.cloud.making import Maker, Making


def _state_machine(making: Making) -> Mapping[str, Any]:
    asked = making.parameters()
    logging = asked.get("loggingConfiguration")
    if logging:
        group = {"logGroupArn": making.inputs["loggingConfiguration"]["logDestination"]}
        logging["destinations"] = [{"cloudWatchLogsLogGroup": group}]
    arn = making.clients("stepfunctions").create_state_machine(**asked)["stateMachineArn"]
    return {"id": arn, "arn": arn}


MAKERS: Mapping[str, Maker] = {"aws:sfn/stateMachine:StateMachine": _state_machine}
