"""Policies as parliament reads them: the ARNs of a recorded graph have the shape that it compares actions with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.aws.parliament import findings
from tests.aws.policies import documents
from tests.unit.aws.programs import graph, role, role_policy
from tests.unit.aws.test_refused_deliveries import ruled
from tests.unit.aws.test_system import FORMS, built

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:orders"
TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders"


def allowed(action: str, on: str) -> Callable[[], object]:
    return lambda: role_policy("orders", role("orders"), action, on=on)


@pytest.mark.parametrize("declare", [allowed("sqs:SendMessage", QUEUE), allowed("dynamodb:Query", TABLE), ruled()])
def test_a_policy_of_actions_on_what_they_take_is_clean(declare: Callable[[], object]) -> None:
    assert findings(documents(graph(declare))) == []


@pytest.mark.parametrize(
    ("declare", "issue"),
    [
        (allowed("dynamodb:PutItems", TABLE), "UNKNOWN_ACTION"),
        (allowed("dynamodb:Query", QUEUE), "RESOURCE_MISMATCH"),
        (allowed("sqs:SendMessage", "orders"), "INVALID_ARN"),
    ],
)
def test_a_policy_that_means_nothing_is_found(declare: Callable[[], object], issue: str) -> None:
    (found,) = findings(documents(graph(declare)))
    assert found.startswith(f"iam.RolePolicy orders: {issue}")


@pytest.mark.parametrize("form", FORMS)
def test_every_policy_of_the_order_system_is_clean(form: str) -> None:
    assert findings(documents(built(form))) == []
